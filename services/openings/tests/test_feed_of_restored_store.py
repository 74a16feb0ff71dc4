"""The feed of a store that was restored: no position is given out until an operator has reconciled it."""

import asyncio
from datetime import datetime

import pytest

from makersync.broker.memory import MemoryBroker
from makersync.effects.owner import Owner
from makersync.effects.restored_store import RestorationWatch, mend
from makersync.feed.completeness import Completeness
from makersync.feed.leading import FeedDuty
from makersync.feed.numbering import Numbering
from makersync.feed.starting_over import start_feeds_over
from makersync.feed.tables import FeedProgressRow
from makersync.runtime.service import Context

from .conftest import Caller
from .events import Feed, Match
from .feed_reading import TTL_S, lease_of, read
from .samples import wanted

pytestmark = pytest.mark.usefixtures("catalog")


async def declare_restored(context: Context) -> None:
    owner = Owner("test", context.store, context.clock, context.metrics)
    await RestorationWatch(owner, MemoryBroker(), "openings", "log-1").declare("matches had read more")


async def lead(context: Context) -> None:
    """One turn of the process that holds the lease."""
    store, clock, stop, has_begun = context.store, context.clock, asyncio.Event(), asyncio.Event()
    completeness = Completeness(store, clock, MemoryBroker(), [])
    duty = FeedDuty(store, lambda lease: Numbering(store, clock, lease, TTL_S), lambda: completeness, 0.01)
    leading = asyncio.create_task(duty.run(await lease_of(context), stop, has_begun.set))
    await has_begun.wait()
    stop.set()
    await leading


async def complete_to(context: Context) -> datetime | None:
    async with context.store.reading() as session:
        row = await session.get(FeedProgressRow, 1)
    return None if row is None else row.complete_to


async def test_a_restored_store_gives_out_no_position_until_it_is_reconciled(
    acme: Caller, feed: Feed, opening_id: str, context: Context
) -> None:
    """Guards: positions 1 and 2 are given to other entries than before the restoration, and nobody is told; and a moment up to
    which a feed is said to be complete while entries wait."""
    await declare_restored(context)
    await feed.matches(Match(opening_id, "lrn_1").proposed(1), Match(opening_id, "lrn_2").proposed(1))
    await lead(context)
    assert (await read(acme))["entries"] == []
    assert await complete_to(context) is None
    refused = await acme.post("/v1/openings", wanted())
    assert (refused.status_code, refused.json()["rule"]) == (503, "writes_stopped")

    async with context.store.transaction() as session:
        await start_feeds_over(session, context.clock)
        await mend(session, "log-1", {})
    await lead(context)
    assert await complete_to(context) is not None
    assert (await acme.get("/v1/feed", after=2)).status_code == 410
    begin = (await read(acme, "/v1/feed/snapshot"))["position"]
    assert begin > 1000
    assert [each["position"] for each in (await read(acme, after=begin - 2))["entries"]] == [begin - 1, begin]
    assert (await acme.post("/v1/openings", wanted())).is_success
