"""Whoever needs several introductions locks all of them at once, in the order of their ids: the consumer of answers, which does
not lock their openings, would otherwise wait for a step that waits for the consumer."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.adapters.introduction_repository import IntroductionRequestRepository
from openings.adapters.unit_of_work import units_of_work_of
from openings.entrypoints.sweeps import expiry_sweep
from services.openings.tests.conftest import NOW, Caller, publish
from services.openings.tests.events import Feed
from tests.servers.waiting import wait_for

from .scenes import Scene, standing

#: Only PostgreSQL lets two transactions overlap.
pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.cluster)], indirect=True),
]
_BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


async def holding_the_first(context: Context, ids: list[str], step: Coroutine[Any, Any, Any]) -> Any:
    """The consumer has the first of the introductions when the step begins, and takes the other while the step waits. Returns
    what the step came to."""
    first, other = sorted(ids)
    async with context.store.transaction() as session:
        await claim(session, first)
        task = asyncio.create_task(step)
        await wait_for(lambda: is_blocked(context))
        await session.exec(text("SET LOCAL lock_timeout = '10s'"))  # type: ignore[call-overload]
        await claim(session, other)
    return await task


async def claim(session: AsyncSession, introduction_id: str) -> None:
    assert await IntroductionRequestRepository(session, None).claim_known([introduction_id])


async def is_blocked(context: Context) -> bool:
    async with context.store.reading() as session:
        return bool((await session.scalar(_BLOCKED)) or 0)


@pytest.mark.parametrize("hires_last", [True, False])
async def test_a_hire_that_ends_others_locks_them_with_its_own(
    catalog: None, acme: Caller, feed: Feed, context: Context, hires_last: bool
) -> None:
    """Guards: the hire had its own introduction already when it came to those that it ends."""
    last = Scene(acme, feed, (await publish(acme, positions=1)).rpartition("/")[2])
    ids = [await last.accepted("lrn_1"), await last.accepted("lrn_2")]
    hired = sorted(ids)[-1 if hires_last else 0]
    version = (await last.shown(hired))["version"]
    answer = await holding_the_first(context, ids, last.act(hired, "hire", {}, version))
    assert answer.status_code == 200, answer.text
    stands = {each: standing(await last.shown(each)) for each in ids}
    assert stands.pop(hired) == ("hired", "employer", None)
    assert list(stands.values()) == [("withdrawn", "employer", "opening_filled")]


async def test_a_sweep_locks_what_ends_with_several_openings_at_once(
    catalog: None, acme: Caller, feed: Feed, context: Context, clock: ManualClock
) -> None:
    """Guards: introductions of one opening were locked after those of another, whatever their ids."""
    paths = sorted([await publish(acme, closes_on="2026-11-23") for _ in range(2)], reverse=True)
    ids = []
    for path in paths:
        clock.move_to(clock.now() + timedelta(seconds=1))
        ids.append(await Scene(acme, feed, path.rpartition("/")[2]).asked())
    clock.move_to(NOW + timedelta(days=2))
    sweep = expiry_sweep(context.store, units_of_work_of(context))
    assert await holding_the_first(context, ids, sweep()) == 2
    ends = [(await acme.get(f"/v1/introductions/{each}")).json()["reason"] for each in ids]
    assert ends == ["opening_expired"] * 2
