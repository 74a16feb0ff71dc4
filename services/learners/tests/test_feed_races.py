"""Events that are consumed while a request is under way. Only PostgreSQL lets the two transactions overlap."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from learners.adapters.unit_of_work import SERVICE, LearnersUnitsOfWork
from learners.application.registering import erase_learner
from learners.application.unit_of_work import LearnersUnitOfWork
from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context
from reference.places import load_places

from .conftest import Caller
from .events import Feed, match, signal
from .following import Follower, entries_of, snapshot_of
from .samples import YORK_REGION, register
from .test_feed import CELL, OTHER_CELL
from .test_pathways import MILLING, refreshed

pytestmark = [
    pytest.mark.parametrize("seeded_url", [pytest.param("postgres", marks=pytest.mark.cluster)], indirect=True),
    pytest.mark.timeout(60),
]
#: Long enough for what does not wait to be done.
A_WHILE_S = 0.5


@pytest.fixture
def units_of_work(context: Context) -> LearnersUnitsOfWork:
    return LearnersUnitsOfWork(context.outbox, context.clock, load_places())


async def waits(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    task = asyncio.create_task(work)
    await asyncio.sleep(A_WHILE_S)
    assert not task.done()
    return task


async def demand_equal_to_the_snapshot(caller: Caller, numbering: Numbering) -> None:
    """Whoever followed from the beginning knows what the snapshot says, in the newest version."""
    await numbering.number()
    follower = Follower(caller)
    await follower.follow()
    assert follower.state == await snapshot_of(caller)


@pytest.mark.parametrize("is_new", [True, False], ids=["first of all", "region known"])
async def test_a_signal_that_is_consumed_during_a_first_registration_comes_after_it(
    york: Caller,
    lima: Caller,
    feed: Feed,
    numbering: Numbering,
    context: Context,
    units_of_work: LearnersUnitsOfWork,
    is_new: bool,
) -> None:
    if not is_new:
        await register(lima)
        await feed.batch(signal("ShortageRaised", 1))
    async with context.store.transaction() as session:
        await units_of_work.at(session, SERVICE).feeds.concern("prv_york", YORK_REGION)
        consuming = await waits(feed.batch(signal("ShortageEased", 2), signal("ShortageRaised", 1, OTHER_CELL)))
    await consuming
    await demand_equal_to_the_snapshot(york, numbering)
    told = [(each["type"], each["subject"], each["data"]["version"]) for each in await entries_of(york)]
    known = [] if is_new else [("signal.raised", f"{YORK_REGION}/{CELL}", 1)]
    news = [("signal.eased", f"{YORK_REGION}/{CELL}", 2), ("signal.raised", f"{YORK_REGION}/{OTHER_CELL}", 1)]
    assert told == known + news


@pytest.mark.parametrize("is_new", [True, False], ids=["first of all", "region known"])
async def test_a_first_registration_waits_for_the_signals_that_are_being_consumed(
    york: Caller, lima: Caller, feed: Feed, numbering: Numbering, context: Context, is_new: bool
) -> None:
    if not is_new:
        await register(lima)
        await feed.batch(signal("ShortageRaised", 1))
    async with context.store.transaction() as session:
        await feed.write(session, signal("ShortageEased", 2))
        registering = await waits(register(york))
    await registering
    await demand_equal_to_the_snapshot(york, numbering)
    assert [(each["type"], each["data"]["version"]) for each in await entries_of(york)] == [("signal.eased", 2)]


async def test_only_the_first_registration_in_a_region_waits(york: Caller, feed: Feed, context: Context) -> None:
    ada = await register(york)
    async with context.store.transaction() as session:
        await feed.write(session, signal("ShortageRaised", 1), match("MatchProposed", 1, ada), refreshed(1, ada, {MILLING: 1}))
        async with asyncio.timeout(10):
            await register(york)
            assert (await york.change("PATCH", f"/v1/learners/{ada}", 1, {"seeking": False})).status_code == 200


async def test_of_two_first_registrations_at_once_one_tells_of_the_signals(
    york: Caller, feed: Feed, numbering: Numbering
) -> None:
    await feed.batch(signal("ShortageRaised", 1))
    await asyncio.gather(*(register(york) for _ in range(5)))
    await numbering.number()
    assert [each["type"] for each in await entries_of(york)] == ["signal.raised"]


async def test_an_erasure_waits_for_what_is_being_consumed_about_the_learner(
    york: Caller, feed: Feed, numbering: Numbering, context: Context
) -> None:
    ada = await register(york)
    async with context.store.transaction() as session:
        await feed.write(session, match("MatchProposed", 1, ada), refreshed(1, ada, {MILLING: 1}))
        erasing = await waits(york.change("DELETE", f"/v1/learners/{ada}", 1))
    assert (await erasing).status_code == 204
    await numbering.number()
    assert [(each["type"], each["data"] is None) for each in await entries_of(york)] == [
        ("match.proposed", True),
        ("pathways.refreshed", True),
        ("match.withdrawn", False),
        ("pathways.ended", False),
    ]


async def test_what_is_consumed_during_an_erasure_makes_no_entry(
    york: Caller, feed: Feed, numbering: Numbering, context: Context, units_of_work: LearnersUnitsOfWork
) -> None:
    ada = await register(york)
    async with context.store.transaction() as session:
        uow: LearnersUnitOfWork = units_of_work.at(session, SERVICE)
        await erase_learner(uow, ada, lambda _version: None)
        consuming = await waits(feed.batch(match("MatchProposed", 1, ada), refreshed(1, ada, {MILLING: 1})))
    await consuming
    await numbering.number()
    assert await entries_of(york) == []
    assert await snapshot_of(york) == {}
