"""The catalog and the policy as a process has last read them: they only move on."""

import asyncio

import pytest
from service_world import CREDENTIALS, World, award, replayed
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import CATALOG
from matching.adapters import rules_copy
from matching.adapters.policy_tables import PolicyRow
from matching.adapters.rebuilding import restore
from matching.adapters.rules_copy import RulesCopy
from matching.domain.market.policy import Policy


async def apply_policy(world: World, version: int) -> None:
    async with world.store.transaction() as session:
        policy = Policy(version=version)
        session.add(PolicyRow(version=version, document=policy.to_dict(), applied_at=world.clock.now()))


async def test_a_look_that_a_later_one_overtakes_does_not_take_the_rules_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: one look at a time. The first has read policy 2 and is held up while policy 3 is applied and looked for."""
    has_read, go_on, read = asyncio.Event(), asyncio.Event(), rules_copy.live_policy
    seen: list[int] = []

    async def held_up(session: AsyncSession) -> Policy:
        policy = await read(session)
        if not has_read.is_set():
            has_read.set()
            await go_on.wait()
        return policy

    monkeypatch.setattr(rules_copy, "live_policy", held_up)
    copy = RulesCopy(world.store, world.clock)

    async def look() -> None:
        seen.append((await copy.look(at_once=True)).policy.version)

    await apply_policy(world, 2)
    first = asyncio.create_task(look())
    await has_read.wait()
    await apply_policy(world, 3)
    second = asyncio.create_task(look())
    _, waiting = await asyncio.wait({second}, timeout=0.2)
    go_on.set()
    await asyncio.gather(first, *waiting)
    assert (seen, copy.rules.policy.version) == ([2, 3], 3)


async def test_a_definition_that_is_read_again_counts_as_new(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a replayed dead letter of the catalog moves no offset, and matches kept resting on the catalog before it."""
    await world.opening()
    await world.learner("ann", award("old:mill"))
    assert await world.news() == []
    await replayed(world, monkeypatch, CATALOG, world.credential("old:mill", implies=[CREDENTIALS[0]]))
    assert await world.news() == [("proposed", "job", "ann")]


async def test_a_catalog_that_is_rebuilt_is_read_again_by_processes_that_had_read_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: the count from before a rebuild hid the definitions that came with it."""
    await replayed(world, monkeypatch, CATALOG, world.credential("old:mill"))
    await world.settle()
    copy = RulesCopy(world.store, world.clock)
    assert "old:mill" in (await copy.look(at_once=True)).catalog.credentials
    await restore(world.context, world.broker, "log")
    assert "old:mill" not in (await copy.look(at_once=True)).catalog.credentials
