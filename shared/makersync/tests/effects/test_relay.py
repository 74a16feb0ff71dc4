"""DESIGN, exactly-once effects, 1: one relay publishes unpublished events, in order per key, and repeats batches with an
unknown outcome."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs

from makersync.broker.memory import MemoryBroker
from makersync.broker.memory_clients import MemoryProducer
from makersync.broker.port import BrokerAway, Outgoing, RightsMissing
from makersync.clock import ManualClock
from makersync.effects.conditions import Condition, conditions
from makersync.effects.publisher import Publisher, PublisherPace
from makersync.effects.refused_events import try_again
from makersync.effects.relay import Relay
from makersync.errors import Fenced
from makersync.store.tables import OutboxRow, RefusedEventRow
from tests.servers.waiting import wait_for, wait_until

from .toy_world import DEADLINE_S, TTL_S, World
from .toys import (
    ANN,
    BOB,
    LEFT,
    LEFT_HALF,
    NOW,
    PAIR,
    REGIONS,
    RIGHT,
    RIGHT_HALF,
    half_event,
    last_of_each_key,
    outgoing,
    own_topics,
    pass_time,
    toy_outbox,
)


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


async def test_one_of_two_relays_publishes(world: World) -> None:
    """Guards: the lease."""
    assert await world.lease("one") is not None
    assert await world.lease("two") is None


async def test_the_owner_of_a_lease_takes_it_again_at_once(world: World) -> None:
    """Guards: a process that was killed and restarted need not wait for its own lease."""
    first, again = await world.lease("one"), await world.lease("one")
    assert first is not None and again is not None
    assert again.epoch == first.epoch + 1


async def test_a_silent_relay_is_succeeded_after_its_lease_has_expired(world: World) -> None:
    """Guards: `expires_at`."""
    await world.lease("one")
    await world.pass_lease_time(TTL_S - 3)
    assert await world.lease("two") is None
    await world.pass_lease_time(3)
    assert await world.lease("two") is not None


async def test_a_lease_that_expires_too_far_ahead_is_ignored(world: World) -> None:
    """Guards: a clock that was ahead for a minute. Otherwise nothing would be published until its date."""
    assert await world.lease("one") is not None
    await world.pass_lease_time(-365 * 24 * 3600)
    assert await world.lease("two") is not None


@pytest.mark.cluster
async def test_a_lease_uses_the_databases_time_and_not_a_hosts(postgres_world: World) -> None:
    """Guards: `clock_timestamp`. The host's clock is years behind the database's, then years ahead."""
    world = postgres_world
    for host in (NOW, NOW + timedelta(days=3650)):
        world.clock.move_to(host)
        lease = await world.lease("one")
        assert lease is not None
        assert abs((await world.lease_expiry() - datetime.now(UTC)).total_seconds() - TTL_S) < 5
        assert await world.lease("two") is None


async def test_a_relay_that_renews_its_lease_keeps_it(world: World) -> None:
    relay = await world.relay("one")
    for _ in range(4):
        await world.pass_lease_time(TTL_S / 2)
        await relay.keep_lease()
        assert await world.lease("two") is None


async def test_a_relay_that_was_succeeded_can_mark_no_event(world: World) -> None:
    """Guards: every mark requires the epoch. Without it a relay that resumes after a pause would mark its successor's work as
    done."""
    await world.halves.set(LEFT_HALF, ANN, 1)
    stale = await world.relay("one")
    await world.pass_lease_time(TTL_S)
    successor = await world.relay("two")
    with pytest.raises(Fenced):
        await stale.publish_batch(10)
    assert await world.waiting() == [(ANN, 1)]
    with pytest.raises(Fenced):
        await stale.keep_lease()
    assert await successor.publish_batch(10) == 1
    assert await world.waiting() == []


async def test_a_relay_that_resigns_is_succeeded_at_once(world: World) -> None:
    """Guards: after an orderly stop no process waits for the lease to expire."""
    await (await world.relay("one")).resign()
    assert await world.lease("two") is not None


async def test_a_relay_that_was_succeeded_does_not_end_the_lease_by_resigning(world: World) -> None:
    stale = await world.relay("one")
    await world.pass_lease_time(TTL_S)
    successor = await world.relay("two")
    await stale.resign()
    await successor.keep_lease()
    assert await world.lease("three") is None


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


def large(record: Outgoing) -> str | None:
    return "MessageSizeTooLargeError" if b'"value":666' in record.value else None


async def test_a_refused_event_is_set_aside_and_the_others_are_published(world: World) -> None:
    """Guards: one event that is too large stops nothing and delays nothing, not even later versions of its own key."""
    world.broker.refusal = large
    for value in (1, 666, 3):
        await world.halves.set(LEFT_HALF, ANN, value)
        await world.halves.set(LEFT_HALF, BOB, value)
    await world.halves.set(RIGHT_HALF, BOB, 666)
    relay = await world.relay()
    assert [await relay.publish_batch(10), await relay.publish_batch(10)] == [7, 0]
    assert last_of_each_key(world.broker.records(LEFT.name)) == {ANN: 3, BOB: 3}
    assert await world.waiting() == []
    assert await _refused(world) == [(LEFT.name, ANN, 2), (LEFT.name, BOB, 2), (RIGHT.name, BOB, 1)]


async def test_a_refused_event_is_reported_until_a_newer_one_of_its_key_is_published(world: World) -> None:
    """Guards: the alarm names topic, key, version, reason and remedy, and ends by itself."""
    world.broker.refusal, relay = large, await world.relay()
    await world.halves.set(LEFT_HALF, ANN, 666)
    await relay.publish_batch(10)
    assert await relay.forget_superseded() == 0
    (told,) = await _conditions(world)
    assert (told.name, told.stops_writes) == ("refused_event", False)
    assert f"halves.left.v1 key {ANN} version 1 (MessageSizeTooLargeError" in told.problem
    assert "makersync republish toys --refused" in told.remedy
    await world.halves.set(LEFT_HALF, ANN, 1)
    await relay.publish_batch(10)
    assert await relay.forget_superseded() == 1
    assert (await _conditions(world), await _refused(world)) == ([], [])


async def test_a_refused_event_is_tried_again_when_an_operator_asks(world: World) -> None:
    """Guards: nothing is lost. If a newer version has been published since, there is nothing to try."""
    world.broker.refusal, relay = large, await world.relay()
    for side, key in ((LEFT_HALF, ANN), (LEFT_HALF, BOB)):
        await world.halves.set(side, key, 666)
    await relay.publish_batch(10)
    await world.halves.set(LEFT_HALF, BOB, 1)
    await relay.publish_batch(10)
    world.broker.refusal = lambda _record: None
    async with world.store.transaction() as session:
        assert await try_again(session, world.clock, "toys") == 1
    assert (await _conditions(world), await world.waiting()) == ([], [(ANN, 1)])
    await relay.publish_batch(10)
    assert last_of_each_key(world.broker.records(LEFT.name)) == {ANN: 1, BOB: 2}


async def test_one_refused_event_after_another_is_set_aside(world: World) -> None:
    """Guards: SQLite assigns the id of the refused row to the next event; the publisher ended at each start."""
    world.broker.refusal, relay = large, await world.relay()
    for key in (ANN, BOB, ANN):
        await world.halves.set(LEFT_HALF, key, 666)
        await relay.publish_batch(10)
    assert await _refused(world) == [(LEFT.name, ANN, 1), (LEFT.name, BOB, 1), (LEFT.name, ANN, 2)]


async def test_a_refused_event_is_not_tried_again_after_a_newer_one_that_waits(world: World) -> None:
    """Guards: published last, the old state would be kept by compaction, and no auditor could repair that."""
    world.broker.refusal, relay = large, await world.relay()
    await world.halves.set(LEFT_HALF, ANN, 666)
    await relay.publish_batch(10)
    await world.halves.set(LEFT_HALF, ANN, 1)
    async with world.store.transaction() as session:
        assert await try_again(session, world.clock, "toys") == 0
    assert (await world.waiting(), await _refused(world), await _conditions(world)) == ([(ANN, 2)], [], [])


async def test_a_refused_event_whose_version_was_published_is_deleted(world: World) -> None:
    """Guards: a reconciliation that adopts the event from the log, where an attempt without acknowledgement had written it."""
    world.broker.refusal, relay = large, await world.relay()
    await world.halves.set(LEFT_HALF, ANN, 666)
    await relay.publish_batch(10)
    async with world.store.transaction() as session:
        await toy_outbox("halves", world.clock).record(session, [half_event(LEFT_HALF, ANN, 1, 666)])
    world.broker.refusal = lambda _record: None
    await relay.publish_batch(10)
    assert await relay.forget_superseded() == 1


async def test_no_event_is_set_aside_while_a_right_is_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the relay waits with all events, and the process stays alive."""

    async def forbidden(*_: object) -> None:
        raise RightsMissing("the user openings lacks the right Write on topic halves.left.v1")

    part, stop = publisher(world, "one"), asyncio.Event()
    await world.halves.set(LEFT_HALF, ANN, 1)
    with monkeypatch.context() as without_rights:
        without_rights.setattr(MemoryProducer, "publish", forbidden)
        running = asyncio.create_task(part.run(stop))
        await wait_until(lambda: part.away is not None and "right Write" in str(part.away))
        assert await world.waiting() == [(ANN, 1)]
    await wait_until(lambda: world.versions(LEFT, ANN) == [1])
    stop.set()
    await running


async def _refused(world: World) -> list[tuple[str, str, int]]:
    async with world.store.reading() as session:
        columns = select(RefusedEventRow.topic, RefusedEventRow.key, RefusedEventRow.version)
        return [tuple(row) for row in (await session.exec(columns.order_by(col(RefusedEventRow.id)))).all()]


async def _conditions(world: World) -> list[Condition]:
    async with world.store.reading() as session:
        return await conditions(session)


PACE = PublisherPace(poll_s=0.02, lease_ttl_s=0.6, census_s=0.1, retry_s=0.05)


def publisher(world: World, name: str, pace: PublisherPace = PACE) -> Publisher:
    return Publisher(own_topics("toys", LEFT, RIGHT, PAIR), world.broker, world.owner(name), pace)


async def test_two_publishers_share_the_work_of_one_and_hand_over_when_told_to_stop(world: World) -> None:
    """Guards: lease, drain and resignation together. The standby leads long before the lease would have expired."""
    first, second, stops = publisher(world, "one"), publisher(world, "two"), [asyncio.Event(), asyncio.Event()]
    running = [asyncio.create_task(first.run(stops[0]))]
    await wait_until(lambda: first.leads)
    running.append(asyncio.create_task(second.run(stops[1])))
    await world.halves.set(LEFT_HALF, ANN, 1)
    stops[0].set()
    await running[0]
    assert world.versions(LEFT, ANN) == [1]
    await wait_until(lambda: second.leads)  # the clock does not move, so no lease expires
    await world.halves.set(LEFT_HALF, ANN, 2)
    await wait_until(lambda: world.versions(LEFT, ANN) == [1, 2])
    stops[1].set()
    await running[1]


async def test_an_event_committed_just_before_a_stop_is_published_before_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: the stop is checked before the outbox is read. The event is committed after the outbox was found empty."""
    stop, publish = asyncio.Event(), Relay.publish_batch

    async def publish_and_be_told_to_stop(relay: Relay, size: int) -> int:
        count = await publish(relay, size)
        if not stop.is_set():
            await world.halves.set(LEFT_HALF, ANN, 1)
            stop.set()
        return count

    monkeypatch.setattr(Relay, "publish_batch", publish_and_be_told_to_stop)
    await publisher(world, "one").run(stop)
    assert world.versions(LEFT, ANN) == [1]


async def test_events_wait_while_the_broker_is_away_and_are_published_when_it_is_back(world: World) -> None:
    """Guards: the publisher survives the broker's absence, and reports it."""
    part, stop = publisher(world, "one"), asyncio.Event()
    world.broker.stop_answering()
    running = asyncio.create_task(part.run(stop))
    await world.halves.set(LEFT_HALF, ANN, 1)
    await wait_until(lambda: part.away is not None)
    assert world.versions(LEFT) == []
    world.broker.start_answering()
    await wait_until(lambda: world.versions(LEFT) == [1] and part.away is None)
    stop.set()
    await running


async def test_an_outage_is_logged_when_it_begins_and_ends_and_not_at_each_attempt(world: World) -> None:
    """Guards: thousands of lines that hide all others. No event waits, so the relay itself does not notice the outage."""
    part, stop = publisher(world, "one"), asyncio.Event()
    world.broker.stop_answering()
    with capture_logs() as lines:
        running = asyncio.create_task(part.run(stop))
        await wait_until(lambda: part.away is not None and part.rounds > 20)
        world.broker.start_answering()
        await wait_until(lambda: part.away is None)
        stop.set()
        await running
    assert [line["event"] for line in lines] == ["lease_taken", "publisher_waits", "publisher_goes_on"]


async def test_a_standby_does_not_report_an_outage_that_has_passed(world: World) -> None:
    """Guards: readiness of a process that lost its lease while the broker was away."""
    part, stop = publisher(world, "one"), asyncio.Event()
    await world.lease("two")
    part.away = "no broker answers"
    running = asyncio.create_task(part.run(stop))
    await wait_until(lambda: part.away is None)
    stop.set()
    await running


async def test_a_publication_slower_than_the_lease_keeps_the_lease(sqlite_world: World) -> None:
    """Guards: the lease is renewed during the publication. Otherwise two relays would take turns, and neither would ever mark
    its events."""
    world, slow = sqlite_world, asyncio.Event()

    class SlowProducer(MemoryProducer):
        async def publish(self, records: Sequence[Outgoing], deadline_s: float) -> None:
            await slow.wait()
            await super().publish(records, deadline_s)

    async def producer() -> MemoryProducer:
        return SlowProducer(world.broker)

    world.broker.producer = producer  # type: ignore[method-assign]
    await world.halves.set(LEFT_HALF, ANN, 1)
    part, stop = publisher(world, "one"), asyncio.Event()
    running = asyncio.create_task(part.run(stop))
    await wait_until(lambda: part.leads)
    for _ in range(6):
        before = await world.lease_expiry()
        pass_time(world.clock, PACE.lease_ttl_s / 2)
        await wait_for(partial(_later_than, world, before))
        assert await world.lease_of("two") is None
    slow.set()
    await wait_for(lambda: _nothing_waits(world))
    assert world.versions(LEFT, ANN) == [1]
    stop.set()
    await running


async def test_a_late_copy_from_an_old_relay_does_not_stay_last(world: World) -> None:
    """Guards: relay and auditor together. Whatever a zombie appends, the last record of each key is its newest version."""
    part, stop = publisher(world, "one"), asyncio.Event()
    running = asyncio.create_task(part.run(stop))
    for value in range(3):
        await world.halves.set(LEFT_HALF, ANN, value)
    await wait_until(lambda: world.versions(LEFT, ANN) == [1, 2, 3])
    world.write(outgoing(LEFT_HALF, ANN, 2))
    await wait_until(lambda: last_of_each_key(world.broker.records(LEFT.name)) == {ANN: 3})
    stop.set()
    await running


async def _nothing_waits(world: World) -> bool:
    return await world.waiting() == []


async def _later_than(world: World, before: object) -> bool:
    return await world.lease_expiry() > before  # type: ignore[operator]


async def test_a_batch_of_refused_events_is_progress_however_long_it_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: a thousand attempts, each with a new producer, under the watchdog. It ended the process at each start."""
    monkeypatch.setattr("makersync.effects.long_steps.EVERY_S", 0.01)
    under_way, go_on = asyncio.Event(), asyncio.Event()

    async def wait(*_: object) -> int:
        under_way.set()
        await go_on.wait()
        return 0

    monkeypatch.setattr(Relay, "publish_batch", wait)
    part, stop = publisher(world, "one"), asyncio.Event()
    running = asyncio.create_task(part.run(stop))
    await under_way.wait()
    before = part.rounds
    await wait_until(lambda: part.rounds > before + 2)
    stop.set()
    go_on.set()
    await running
