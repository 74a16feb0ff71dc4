"""DESIGN, exactly-once effects, 1: a publisher leads, renews its lease, waits for the broker, and hands over when it stops."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest
from structlog.testing import capture_logs

from makersync.broker.memory_clients import MemoryProducer
from makersync.broker.port import Outgoing, RightsMissing
from makersync.effects.publisher import Publisher, PublisherPace
from makersync.effects.relay import Relay
from tests.servers.waiting import wait_for, wait_until

from .toy_world import World
from .toys import ANN, LEFT, LEFT_HALF, PAIR, RIGHT, last_of_each_key, outgoing, own_topics, pass_time

PACE = PublisherPace(poll_s=0.02, lease_ttl_s=0.6, census_s=0.1, retry_s=0.05)


def publisher(world: World, name: str, pace: PublisherPace = PACE) -> Publisher:
    return Publisher(own_topics("toys", LEFT, RIGHT, PAIR), world.broker, world.owner(name), pace)


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
    assert [line["event"] for line in lines] == ["lease_taken", "publisher_waiting", "publisher_resumed"]


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
