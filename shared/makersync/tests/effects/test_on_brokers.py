"""The effects on every kind of broker: guarantees tested in memory must also hold on real brokers."""

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from makersync.broker.port import BrokerAway, Outgoing, Progress, Record, TopicPartition, TopicSpec
from makersync.effects.auditor import Auditor
from makersync.effects.comparison import compare
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.consumer_port import Consumer
from makersync.effects.fence import Standing
from makersync.effects.lease import acquire
from makersync.effects.outbox import NewEvent, Outbox
from makersync.effects.predecessor import Predecessor
from makersync.effects.refused_events import refused
from makersync.effects.relay import Relay
from makersync.envelope import Unreadable, version_in
from tests.servers.brokers import BrokerKind
from tests.servers.kafka import KafkaServer
from tests.servers.transactions import write_in_a_transaction
from tests.servers.waiting import wait_for

from .broker_setting import Setting, kafka_setting
from .toy_services import READERS, JoinWork
from .toys import (
    LEFT,
    LEFT_HALF,
    PARTITIONS,
    REGIONS,
    RIGHT,
    RIGHT_HALF,
    HalfState,
    last_of_each_key,
    outgoing,
    own_topics,
    toy_outbox,
)

SEED = 20260302


async def test_a_join_is_exact_while_its_owners_come_and_go(setting: Setting) -> None:
    """Guards: fence, outbox, relay and auditor with real rebalances. An old version comes last, as from a relay that resumed
    after a pause."""
    rng, versions = Random(SEED), dict[tuple[str, str], int]()
    running = [asyncio.create_task(setting.publisher(service).run(setting.stop)) for service in setting.stores]
    leave = asyncio.Event()
    first = asyncio.create_task(setting.loop("one").run(leave))
    running.append(asyncio.create_task(setting.loop("two").run(setting.stop)))
    for number in range(60):
        side, key = rng.choice((LEFT_HALF, RIGHT_HALF)), rng.choice(setting.subjects)
        versions[side, key] = await setting.halves.set(side, key, number)
        if number == 30:
            leave.set()
            await first
            running.append(asyncio.create_task(setting.loop("three").run(setting.stop)))
    wanted = {half: list(range(1, newest + 1)) for half, newest in versions.items()}
    await wait_for(lambda: _equal(setting, wanted))
    late = next(key for (side, key), version in versions.items() if side == LEFT_HALF and version > 1)
    producer = await setting.broker.producer()
    await producer.publish([outgoing(LEFT_HALF, late, 1)], 5.0)
    await producer.close()
    newest = {key: version for (side, key), version in versions.items() if side == LEFT_HALF}
    await wait_for(lambda: _ends_with(setting, newest))
    setting.stop.set()
    await asyncio.gather(*running)
    assert await setting.effects() == wanted


async def _equal(setting: Setting, wanted: dict[tuple[str, str], list[int]]) -> bool:
    return await setting.effects() == wanted


async def _ends_with(setting: Setting, newest: dict[str, int]) -> bool:
    return last_of_each_key(await setting.log(LEFT.name)) == newest


async def test_the_newest_event_comes_last_whatever_a_console_writes_under_its_key(setting: Setting) -> None:
    """Guards: a null or an unreadable record under the key of a live subject, which compaction would keep in its place."""
    running = asyncio.create_task(setting.publisher("halves").run(setting.stop))
    key = setting.subjects[0]
    for value in (1, 2):
        await setting.halves.set(LEFT_HALF, key, value)
    await wait_for(lambda: _ends_in(setting, key, [1, 2]))
    for count, value in enumerate([None, b"garbage"], start=1):
        await _write(setting, [Outgoing(LEFT.name, 0, key.encode(), value)])  # type: ignore[arg-type]
        await wait_for(lambda count=count: _ends_in(setting, key, [1, 2] + count * [0, 2]))  # type: ignore[misc]
    setting.stop.set()
    await running


async def _ends_in(setting: Setting, key: str, versions: list[int]) -> bool:
    """Whether the key's records in the log have these versions; 0 stands for an unreadable record."""
    return [_version(record) for record in await setting.log(LEFT.name) if record.key == key.encode()] == versions


def _version(record: Record) -> int:
    try:
        return version_in(record.value)
    except Unreadable:
        return 0


@pytest.mark.cluster
async def test_a_marker_at_the_end_delays_neither_comparison_nor_census(kafka_server: KafkaServer, tmp_path: Path) -> None:
    async with kafka_setting(kafka_server, tmp_path) as setting:
        key, own = setting.subjects[0], own_topics("halves", LEFT, RIGHT)
        await write_in_a_transaction(kafka_server.address, [outgoing(LEFT_HALF, key, 2)], commit=False)
        async with asyncio.timeout(20):
            assert await compare(setting.owner("halves", "one"), setting.broker, own) == 0
            auditor = Auditor(setting.owner("halves", "one"), setting.broker, own)
            while not auditor.is_caught_up:
                await auditor.step(0.1)
            await auditor.begin_census()
            while auditor.is_counting:
                await auditor.step(0.1)
        await auditor.close()


async def test_a_frozen_broker_is_abandoned_at_the_deadline_and_the_batch_is_published_again(
    setting: Setting, broker_kind: BrokerKind
) -> None:
    """Guards: the relay's own deadline and its new producer. aiokafka alone would wait, and later send records after its
    successor's."""
    key = setting.subjects[0]
    store, clock = setting.stores["halves"], setting.clock
    async with store.transaction() as session:
        lease = await acquire(session, clock, "halves.relay", "one", 60.0)
    assert lease is not None
    relay = Relay(setting.owner("halves", "one"), setting.broker, lease, 60.0, 2.0)
    await setting.halves.set(LEFT_HALF, key, 1)
    assert await relay.publish_batch(10) == 1
    await broker_kind.freeze()
    await setting.halves.set(LEFT_HALF, key, 2)
    async with asyncio.timeout(20):
        with pytest.raises(BrokerAway):
            await relay.publish_batch(10)
    await broker_kind.thaw()
    await setting.halves.set(LEFT_HALF, key, 3)
    await wait_for(lambda: _published(relay))
    assert list(last_of_each_key(await setting.log(LEFT.name)).values()) == [3]
    await relay.close()


async def _published(relay: Relay) -> bool:
    try:
        return await relay.publish_batch(10) == 0
    except BrokerAway:
        return False


async def test_an_owner_continues_at_the_fences_offset_whatever_was_committed_to_the_broker(setting: Setting) -> None:
    """Guards: the fence's offsets take precedence over the broker's, which are deliberately wrong here: beyond the event that
    is yet to come."""
    key = setting.subjects[0]
    place = TopicPartition(LEFT.name, 0)
    _, start = (await setting.broker.bounds([LEFT.name]))[place]
    await _write(setting, [outgoing(LEFT_HALF, key, version) for version in (1, 2)])
    await _work_until(setting, "one", {(LEFT_HALF, key): [1, 2]})
    member = await setting.broker.join(setting.group, list(READERS))
    await wait_for(lambda: _holds(member, place))
    await member.note_progress({place: Progress(start + 3)})
    await member.close()
    await _write(setting, [outgoing(LEFT_HALF, key, 3)])
    await _work_until(setting, "two", {(LEFT_HALF, key): [1, 2, 3]})


@pytest.mark.cluster
@pytest.mark.parametrize("commit", [True, False])
async def test_a_partition_that_ends_in_a_transactions_marker_is_read_to_its_end(
    kafka_server: KafkaServer, tmp_path: Path, commit: bool
) -> None:
    """Guards: a mirroring tool's marker after the last record. Due work must be done, a successor must not wait, and aborted
    records must not be applied."""
    async with kafka_setting(kafka_server, tmp_path) as setting:
        key = setting.subjects[0]
        await _write(setting, [outgoing(LEFT_HALF, key, 1)])
        loop, stop = setting.loop("one"), asyncio.Event()
        task = asyncio.create_task(loop.run(stop))
        await wait_for(lambda: _equal(setting, {(LEFT_HALF, key): [1]}))
        await write_in_a_transaction(kafka_server.address, [outgoing(LEFT_HALF, key, 2)], commit=commit)
        consumer = Consumer(setting.group, READERS, lambda number: JoinWork(number, toy_outbox("pairs", setting.clock)))  # type: ignore[arg-type]
        await wait_for(lambda: Predecessor(consumer).is_done(setting.broker, setting.stores["pairs"]))
        work = loop.held[0]._work
        assert isinstance(work, JoinWork)
        work.standing = Standing(policy_version=7)
        await wait_for(lambda: _stands_on(loop, 7))
        assert await setting.effects() == {(LEFT_HALF, key): [1, 2] if commit else [1]}
        stop.set()
        await task


async def _stands_on(loop: ConsumerLoop, policy_version: int) -> bool:
    return loop.held[0].hold.standing.policy_version == policy_version


async def _write(setting: Setting, records: list[Outgoing]) -> None:
    producer = await setting.broker.producer()
    await producer.publish(records, 5.0)
    await producer.close()


async def _work_until(setting: Setting, name: str, wanted: dict[tuple[str, str], list[int]]) -> None:
    loop, stop = setting.loop(name), asyncio.Event()
    task = asyncio.create_task(loop.run(stop))
    await wait_for(lambda: _equal(setting, wanted))
    stop.set()
    await task


async def _holds(member: object, place: TopicPartition) -> bool:
    return place in member.assignment().partitions  # type: ignore[attr-defined]


@pytest.mark.cluster
async def test_an_event_that_kafka_refuses_is_set_aside_and_the_rest_of_its_batch_is_published(
    kafka_server: KafkaServer, tmp_path: Path
) -> None:
    """Guards: an idempotent producer is unusable after a refusal, and Kafka refuses a batch as a whole."""
    topic = replace(LEFT, name=f"refusing-{secrets.token_hex(4)}")
    subjects = ["ann", "b" * 5000, "eve", "d" * 5000, "fay"]
    async with kafka_setting(kafka_server, tmp_path) as setting:
        await setting.broker.create_topics([TopicSpec(topic.name, PARTITIONS, {"max.message.bytes": "2000"})])
        owner = setting.owner("halves", "one")
        events = [NewEvent(topic, "HalfSet", name, REGIONS[0], 1, HalfState(subject=name, value=1)) for name in subjects]
        async with owner.store.transaction() as session:
            await Outbox("/toys/halves", owner.clock, PARTITIONS).record(session, events)
            lease = await acquire(session, owner.clock, "halves.relay", "one", 60.0)
        assert lease is not None
        relay = Relay(owner, setting.broker, lease, 60.0, 10.0)
        assert [await relay.publish_batch(10), await relay.publish_batch(10)] == [5, 0]
        await relay.resign()
        async with owner.store.reading() as session:
            assert await refused(session) == 2
        setting.subjects = [f"{REGIONS[0]}/{name}" for name in subjects]
        kept = {(record.key or b"").decode() for record in await setting.log(topic.name)}
        assert kept == {f"{REGIONS[0]}/{name}" for name in ("ann", "eve", "fay")}
