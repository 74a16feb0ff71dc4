"""A problem stays known until it is resolved, on both kinds of database."""

from datetime import UTC, datetime, timedelta

import pytest

from makersync.clock import ManualClock
from makersync.effects.conditions import Condition, conditions, declare, demand_writes, lift, stops_writes
from makersync.errors import OperatorError
from makersync.store.database import Store
from makersync.store.tables import ConditionRow

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
BEHIND = Condition("behind_log", "12 subjects are older than in the log", "Run `makersync reconcile learners`", True)
SLOW = Condition("slow_topic", "A topic has another retention", "Set it back", False)


async def test_a_condition_declared_again_keeps_the_time_at_which_it_began(store: Store) -> None:
    clock = ManualClock(NOW)
    async with store.transaction() as session:
        assert await declare(session, clock, BEHIND)
    clock.move_to(NOW + timedelta(hours=1))
    async with store.transaction() as session:
        assert not await declare(session, clock, Condition("behind_log", "13 subjects", "the same", True))
    async with store.reading() as session:
        row = await session.get(ConditionRow, "behind_log")
    assert row is not None and (row.problem, row.since) == ("13 subjects", NOW)


async def test_only_a_condition_that_says_so_stops_writes(store: Store) -> None:
    async with store.transaction() as session:
        await declare(session, ManualClock(NOW), SLOW)
        assert not await stops_writes(session)
        await demand_writes(session)
        await declare(session, ManualClock(NOW), BEHIND)
        assert await stops_writes(session)
        with pytest.raises(OperatorError, match=r"Nothing was changed: 12 subjects .*reconcile learners`\.$"):
            await demand_writes(session)
        assert await conditions(session) == [BEHIND, SLOW]
        assert await lift(session, "behind_log")
        assert not await lift(session, "behind_log")
        assert not await stops_writes(session)
