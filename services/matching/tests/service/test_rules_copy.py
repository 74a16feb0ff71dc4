"""The catalog and the policy as a process has last read them: they only move on."""

import asyncio

import pytest
from service_world import World
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.adapters import rules_copy
from matching.adapters.rules_copy import RulesCopy
from matching.adapters.tables import PolicyRow
from matching.domain.policy import Policy


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
