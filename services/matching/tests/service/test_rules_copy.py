"""The catalog and the policy as a process has last read them."""

import asyncio

import pytest
from service_world import CREDENTIALS, World, award, replayed
from sqlmodel import delete
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import CATALOG
from makersync.broker.port import TopicPartition
from makersync.effects.log_identity import start_over
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


async def test_two_processes_stand_on_the_same_catalog_after_a_shorter_log_was_read(world: World) -> None:
    """Guards: of two processes that start over at once, one may have counted more definitions than the new log holds. It took
    the smaller count for an overtaken one, and saw no definition until that had grown past its own."""
    await world.credential("old:mill")
    await world.settle()
    early, late = RulesCopy(world.store, world.clock), RulesCopy(world.store, world.clock)
    before = (await early.look(at_once=True)).catalog_offset
    await world.stop()
    world.broker.drop_from(TopicPartition(CATALOG.name, 0), 0)
    async with world.store.transaction() as session:
        await start_over(session)
    await world.credential("new:mill")
    await world.start()
    await world.settle()
    rules = [await copy.look(at_once=True) for copy in (early, late)]
    assert "new:mill" in rules[0].catalog.credentials
    assert before < rules[0].catalog_offset == rules[1].catalog_offset


async def test_a_database_that_was_taken_back_takes_the_rules_back(world: World) -> None:
    """Guards: a process went on by definitions and a policy that its database no longer held."""
    copy = RulesCopy(world.store, world.clock)
    await apply_policy(world, 2)
    await copy.look(at_once=True)
    async with world.store.transaction() as session:
        await session.exec(delete(PolicyRow))
    assert (await copy.look(at_once=True)).policy == Policy()


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
