"""The effects on every kind of broker: guarantees tested in memory must also hold on real brokers."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from makersync.broker.port import Broker, BrokerAway, Outgoing, Record, TopicPartition, TopicSpec
from makersync.broker.topics import ensure_topics, read_log_id
from makersync.clock import WallClock
from makersync.effects.auditor import Auditor
from makersync.effects.comparison import compare
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.consumer_port import Consumer
from makersync.effects.fence import Standing
from makersync.effects.lease import acquire
from makersync.effects.log_identity import KnownLog
from makersync.effects.outbox import NewEvent, Outbox
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.predecessor import Predecessor
from makersync.effects.publisher import Publisher, PublisherPace
from makersync.effects.refused_events import refused
from makersync.effects.relay import Relay
from makersync.envelope import Unreadable, version_in
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.telemetry import create_metrics
from tests.servers.brokers import BrokerKind, KafkaKind
from tests.servers.kafka import KafkaServer
from tests.servers.transactions import write_in_a_transaction
from tests.servers.waiting import read, wait_for

from .toy_services import READERS, Halves, JoinWork
from .toy_stores import open_store
from .toy_world import World
from .toys import (
    LEFT,
    LEFT_HALF,
    PAIR,
    PARTITIONS,
    REGIONS,
    RIGHT,
    RIGHT_HALF,
    TOPICS,
    HalfState,
    last_of_each_key,
    outgoing,
    own_topics,
    toy_outbox,
)

SEED = 20260302
PACE = PublisherPace(poll_s=0.05, deadline_s=5.0, census_s=1.0, retry_s=0.1)


class Setting:
    """Both services of the toy on one broker; `subjects` are those of this test, because a shared broker also holds others'."""

    def __init__(self, broker: Broker, stores: dict[str, Store], log_id: str) -> None:
        self.broker, self.stores, self.log_id, self.clock = broker, stores, log_id, WallClock()
        token = secrets.token_hex(4)
        self.subjects = [f"{region}/{token}-{name}" for region in REGIONS for name in ("ann", "bob")]
        self.group = f"pairs-{token}"
        self.stop = asyncio.Event()

    @property
    def halves(self) -> Halves:
        return Halves(self.stores["halves"], toy_outbox("halves", self.clock))  # type: ignore[arg-type]

    def owner(self, service: str, name: str) -> Owner:
        return Owner(name, self.stores[service], self.clock, create_metrics())

    def publisher(self, service: str) -> Publisher:
        topics = [PAIR] if service == "pairs" else [LEFT, RIGHT]
        return Publisher(own_topics(service, *topics), self.broker, self.owner(service, f"{service}-1"), PACE)

    def loop(self, name: str) -> ConsumerLoop:
        outbox = toy_outbox("pairs", self.clock)  # type: ignore[arg-type]
        consumer = Consumer(self.group, READERS, lambda number: JoinWork(number, outbox))
        return ConsumerLoop(
            consumer, self.broker, self.owner("pairs", name), KnownLog(self.log_id, PARTITIONS), Pace(fenced_wait_s=1.0)
        )

    async def effects(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        for side, key, version in await World(self.stores["pairs"], self.broker, self.clock).ledger():  # type: ignore[arg-type]
            if key in self.subjects:
                found.setdefault((side, key), []).append(version)
        return found

    async def log(self, topic: str) -> list[Record]:
        """The records of a topic that this test has written."""
        tail = await self.broker.tail([topic])
        bounds = await self.broker.bounds([topic])
        fetched = await read(tail, sum(end - first for first, end in bounds.values()))
        await tail.close()
        records = [record for place in sorted(fetched) for record in fetched[place]]
        return [record for record in records if (record.key or b"").decode() in self.subjects]


@pytest.fixture
async def setting(any_broker: Broker, tmp_path: Path) -> AsyncIterator[Setting]:
    async with setting_on(any_broker, tmp_path) as setting:
        yield setting


@asynccontextmanager
async def setting_on(broker: Broker, folder: Path) -> AsyncIterator[Setting]:
    # A new store lacks what earlier tests wrote, and would be behind its own topics.
    await broker.delete_topics([spec.name for spec in TOPICS])
    await broker.create_topics(TOPICS)
    await ensure_topics(broker, (), Settings(partitions=PARTITIONS))
    stores = {name: await open_store(f"sqlite+aiosqlite:///{folder / name}.sqlite") for name in ("halves", "pairs")}
    yield Setting(broker, stores, await read_log_id(broker))
    for store in stores.values():
        await store.close()


@asynccontextmanager
async def kafka_setting(server: KafkaServer, folder: Path) -> AsyncIterator[Setting]:
    kind = KafkaKind(server)
    async with setting_on(await kind.connect(), folder) as setting:
        yield setting
    await kind.close()


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
    await member.note_progress({place: start + 3})
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
