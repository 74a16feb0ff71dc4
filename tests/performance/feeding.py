"""Events for the bench's topics, written and published by the kit's own outbox and relay."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Annotated

from pydantic import Field
from sqlmodel import delete

from makersync.broker.port import Broker
from makersync.clock import WallClock
from makersync.effects.lease import Lease, acquire
from makersync.effects.outbox import NewEvent, Outbox
from makersync.effects.owner import Owner
from makersync.effects.relay import Relay
from makersync.store.database import Store
from makersync.store.tables import KitModel, OutboxRow
from makersync.telemetry import create_metrics
from makersync.topic import Topic, WireModel
from tests.performance.stages import PARTITIONS, Stage

LEASE_S = 600.0
DEADLINE_S = 30.0
#: Events of one transaction while filling an outbox, and of one publication: the relay's default.
FILL, BATCH = 2000, 500
#: With this much text a record of the bench is about 600 bytes long.
PADDING = 236


class NoticeState(WireModel):
    """The bench's own event: a number, and text to make it as long as a usual one."""

    number: Annotated[int, Field(ge=0, strict=True)]
    text: str


def bench_topic(name: str) -> Topic:
    """`name` without its version."""
    kind = "bench.NoticeGiven"
    return Topic(
        f"bench.{name}.v1", "bench", None, "What the bench publishes.", {kind: NoticeState}, {kind: "notice-{number:06d}"}
    )


def notices(topic: Topic, count: int) -> list[NewEvent]:
    """Evenly over the partitions, near enough: as many regions as make that likely."""
    return [
        NewEvent(topic, "NoticeGiven", f"notice-{n:06d}", f"{n % 97:05d}", 1, NoticeState(number=n, text="x" * PADDING))
        for n in range(count)
    ]


def portions(events: Iterable[NewEvent], most: int) -> Iterator[list[NewEvent]]:
    """As `itertools.batched`, which Python 3.11 lacks."""
    waiting = iter(events)
    while some := list(islice(waiting, most)):
        yield some


class Feed:
    """An outbox on a database of its own, and the relay that empties it. Made by `opened_feed`."""

    def __init__(self, owner: Owner, broker: Broker, lease: Lease) -> None:
        self.owner = owner
        self._outbox = Outbox("/makersync/bench", owner.clock, PARTITIONS)
        self._relay = Relay(owner, broker, lease, LEASE_S, DEADLINE_S)

    async def fill(self, events: Sequence[NewEvent]) -> None:
        for some in portions(events, FILL):
            async with self.owner.store.transaction() as session:
                await self._outbox.record(session, some)

    async def empty(self) -> None:
        """Publish all."""
        while await self._relay.publish_batch(BATCH):
            pass

    async def publish(self, events: Sequence[NewEvent]) -> None:
        await self.fill(events)
        await self.empty()

    async def forget(self) -> None:
        """Drop what was published."""
        async with self.owner.store.transaction() as session:
            await session.exec(delete(OutboxRow))

    async def close(self) -> None:
        await self._relay.close()


@asynccontextmanager
async def opened_feed(stage: Stage, broker: Broker) -> AsyncIterator[Feed]:
    store = Store(stage.new_database("bench"))
    try:
        async with store.engine.begin() as connection:
            await connection.run_sync(KitModel.metadata.create_all)
        owner = Owner("bench", store, WallClock(), create_metrics())
        async with store.transaction() as session:
            lease = await acquire(session, owner.clock, "bench", owner.name, LEASE_S)
        assert lease is not None, "the database is new"
        feed = Feed(owner, broker, lease)
        try:
            yield feed
        finally:
            await feed.close()
    finally:
        await store.close()
