"""DESIGN, exactly-once effects, 1: one relay publishes unpublished events, in order per key, and repeats batches with an
unknown outcome."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlmodel import select

from makersync.broker.memory import MemoryBroker
from makersync.broker.memory_clients import MemoryProducer
from makersync.broker.port import BrokerAway, Outgoing
from makersync.clock import ManualClock
from makersync.effects.relay import Relay
from makersync.store.tables import OutboxRow

from .toy_world import DEADLINE_S, World
from .toys import ANN, BOB, LEFT, LEFT_HALF, REGIONS, RIGHT, RIGHT_HALF, half_event, toy_outbox


class DoubtfulProducer(MemoryProducer):
    """Writes its records, and then raises as if it did not know whether it had."""

    def __init__(self, broker: "DoubtfulBroker") -> None:
        super().__init__(broker)
        self._of = broker

    async def publish(self, records: Sequence[Outgoing], deadline_s: float) -> None:
        self._of.deadlines.append(deadline_s)
        await super().publish(records[: self._of.written_before_doubt], deadline_s)
        if self._of.doubts:
            raise BrokerAway("no acknowledgement within the deadline")

    async def close(self) -> None:
        self._of.closed += 1


class DoubtfulBroker(MemoryBroker):
    def __init__(self, clock: ManualClock, like: MemoryBroker) -> None:
        super().__init__(clock)
        self._logs, self._counts = like._logs, like._counts
        self.doubts, self.written_before_doubt = True, 10**9
        self.made = self.closed = 0
        self.deadlines: list[float] = []

    async def producer(self) -> DoubtfulProducer:
        self.made += 1
        return DoubtfulProducer(self)


@pytest.fixture
def doubtful(world: World) -> DoubtfulBroker:
    world.broker = DoubtfulBroker(world.clock, world.broker)
    return world.broker


async def test_events_are_published_in_the_order_in_which_they_were_written(world: World) -> None:
    """Guards: the relay's ORDER BY."""
    for value in range(3):
        await world.halves.set(LEFT_HALF, ANN, value)
        await world.halves.set(LEFT_HALF, BOB, value)
    relay = await world.relay()
    assert [await relay.publish_batch(4), await relay.publish_batch(4), await relay.publish_batch(4)] == [4, 2, 0]
    assert world.versions(LEFT, ANN) == world.versions(LEFT, BOB) == [1, 2, 3]
    assert await world.waiting() == []


async def test_an_event_goes_to_the_partition_of_its_region(world: World) -> None:
    """Guards: co-partitioning. Halves of one region meet in one partition number, whatever their subject."""
    for subject in ("ann", "bob", "eve"):
        for side in (LEFT_HALF, RIGHT_HALF):
            await world.halves.set(side, f"{REGIONS[2]}/{subject}", 1)
    await (await world.relay()).publish_batch(100)
    for topic in (LEFT, RIGHT):
        assert {record.partition for record in world.broker.records(topic.name)} == {2}


async def test_an_event_that_was_committed_late_is_published_after_newer_ones(world: World) -> None:
    """Guards: the relay selects unpublished rows. If it continued after the last id that it published, it would lose this
    event."""
    async with world.store.transaction() as session:
        outbox = toy_outbox("halves", world.clock)
        await outbox.record(session, [half_event(LEFT_HALF, ANN, 1, 1), half_event(LEFT_HALF, BOB, 1, 1)])
        early, _ = (await session.exec(select(OutboxRow).order_by(OutboxRow.id))).all()  # type: ignore[arg-type]
        early.published_at = world.clock.now()
        session.add(early)
    relay = await world.relay()
    assert await relay.publish_batch(10) == 1
    async with world.store.transaction() as session:  # the lower id becomes visible only now
        early.published_at = None
        session.add(early)
    assert await relay.publish_batch(10) == 1
    assert world.versions(LEFT, ANN) == world.versions(LEFT, BOB) == [1]


@pytest.mark.cluster
async def test_a_transaction_that_commits_after_a_later_one_is_published(postgres_world: World) -> None:
    """The same with two real transactions that overlap; SQLite has one writer at a time."""
    world = postgres_world
    relay, outbox = await world.relay(), toy_outbox("halves", world.clock)
    async with world.store.transaction() as slow:
        await outbox.record(slow, [half_event(LEFT_HALF, ANN, 1, 1)])
        async with world.store.transaction() as fast:
            await outbox.record(fast, [half_event(LEFT_HALF, BOB, 1, 1)])
        assert await relay.publish_batch(10) == 1
    assert world.versions(LEFT, BOB) == [1]
    assert await relay.publish_batch(10) == 1
    assert world.versions(LEFT, ANN) == [1]


async def test_a_batch_with_unknown_outcome_is_published_again_by_a_new_producer(
    world: World, doubtful: DoubtfulBroker
) -> None:
    """Guards: nothing is marked before it is acknowledged, and a producer with an unknown outcome is not used again."""
    await world.halves.set(LEFT_HALF, ANN, 1)
    await world.halves.set(LEFT_HALF, ANN, 2)
    relay, doubtful.written_before_doubt = await world.relay(), 1
    with pytest.raises(BrokerAway):
        await relay.publish_batch(10)
    assert await world.waiting() == [(ANN, 1), (ANN, 2)]
    assert (doubtful.made, doubtful.closed) == (1, 1)
    doubtful.doubts, doubtful.written_before_doubt = False, 10
    assert await relay.publish_batch(10) == 2
    assert world.versions(LEFT, ANN) == [1, 1, 2]
    assert (doubtful.made, await world.waiting()) == (2, [])
    assert doubtful.deadlines == [DEADLINE_S, DEADLINE_S]


async def test_a_working_producer_is_kept(world: World, doubtful: DoubtfulBroker) -> None:
    doubtful.doubts, relay = False, await world.relay()
    for value in range(3):
        await world.halves.set(LEFT_HALF, ANN, value)
        await relay.publish_batch(10)
    assert (doubtful.made, doubtful.closed) == (1, 0)


async def test_a_crash_between_acknowledgement_and_mark_duplicates_events_but_loses_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: publish first, mark later. The reverse order would lose events in a crash in between."""
    await world.halves.set(LEFT_HALF, ANN, 1)
    relay = await world.relay()

    async def crash(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched, pytest.raises(asyncio.CancelledError):
        patched.setattr(Relay, "_mark", crash)
        await relay.publish_batch(10)
    assert await (await world.relay()).publish_batch(10) == 1
    assert world.versions(LEFT, ANN) == [1, 1]


async def test_only_events_replaced_by_a_newer_published_one_are_deleted(world: World) -> None:
    """Guards: the newest version of each key is kept for the auditor, and so are all unpublished events."""
    relay = await world.relay()
    for value in range(3):
        await world.halves.set(LEFT_HALF, ANN, value)
    await world.halves.set(LEFT_HALF, BOB, 1)
    assert await relay.publish_batch(10) == 4
    assert await _kept(world) == [(LEFT.name, ANN, 3), (LEFT.name, BOB, 1)]
    await world.halves.set(LEFT_HALF, BOB, 2)
    await world.halves.set(RIGHT_HALF, ANN, 1)
    assert await _kept(world) == [(LEFT.name, ANN, 3), (LEFT.name, BOB, 1), (LEFT.name, BOB, 2), (RIGHT.name, ANN, 1)]
    assert await relay.publish_batch(10) == 2
    assert await _kept(world) == [(LEFT.name, ANN, 3), (LEFT.name, BOB, 2), (RIGHT.name, ANN, 1)]


async def test_an_unpublished_event_is_kept_although_a_newer_one_is_published(world: World) -> None:
    """Guards: no event is deleted before it was published, not even an old one."""
    relay = await world.relay()
    await world.halves.set(LEFT_HALF, ANN, 1)
    await world.halves.set(LEFT_HALF, ANN, 2)
    async with world.store.transaction() as session:
        first, second = (await session.exec(select(OutboxRow.id).order_by(OutboxRow.id))).all()  # type: ignore[arg-type]
        (await session.get_one(OutboxRow, first)).published_at = None
    assert first is not None and second is not None
    await relay._mark([second])
    assert await _kept(world) == [(LEFT.name, ANN, 1), (LEFT.name, ANN, 2)]


async def _kept(world: World) -> list[tuple[str, str, int]]:
    async with world.store.reading() as session:
        columns = select(OutboxRow.topic, OutboxRow.key, OutboxRow.version)
        return [tuple(row) for row in (await session.exec(columns.order_by(OutboxRow.id))).all()]  # type: ignore[arg-type]
