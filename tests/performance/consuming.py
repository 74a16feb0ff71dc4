"""Measure 2: the consumer loop (fence, offsets in SQL, a trivial effect) beside a bare aiokafka loop that parses and counts."""

import asyncio
import time
from collections.abc import Sequence

import aiokafka
import orjson
from aiokafka import AIOKafkaConsumer
from sqlalchemy import BigInteger
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel, col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.consumer_port import Batch, Consumer, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.log_identity import KnownLog
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.reading import Reader, ReaderModel
from makersync.store.database import Store
from makersync.topic import Topic
from tests.performance.feeding import Feed, bench_topic, notices, opened_feed
from tests.performance.figures import Figure, ratio
from tests.performance.printing import Told
from tests.performance.sizes import Sizes
from tests.performance.stages import PARTITIONS, Stage
from tests.performance.waiting import until

MEASURE = "consumer loop"
UNIT = "records/s"
POLL_MS = 100


class BenchModel(SQLModel, registry=registry()):
    """Base of the bench's own tables."""


class CountRow(BenchModel, table=True):
    """The effect: how many notices a partition has brought."""

    __tablename__ = "bench_count"

    partition: int = Field(primary_key=True)
    counted: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class NoticeReading(ReaderModel):
    number: int
    text: str


class CountWork:
    """Adds up."""

    def __init__(self, partition: int) -> None:
        self._partition = partition

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing: the table is the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        return [KnownSubject() for _ in batch]

    async def prepare(self, batch: Batch, behind: int = 0) -> int:
        return len(batch)

    async def write(self, session: AsyncSession, prepared: int, standing: Standing) -> Standing:
        here = col(CountRow.partition) == self._partition
        await session.exec(update(CountRow).where(here).values(counted=CountRow.counted + prepared))
        return standing


async def measure_consumer(stage: Stage, sizes: Sizes, told: Told) -> Sequence[Figure]:
    """Both read the same topic from its start, in turn."""
    topic = bench_topic("consumed")
    bare: list[float] = []
    ours: list[float] = []
    await stage.begin_log()
    async with stage.broker() as broker, opened_feed(stage, broker) as feed:
        await stage.create_topic(broker, topic.name)
        await feed.publish(notices(topic, sizes.records))
        await _make_table(feed)
        for number in range(sizes.rounds):
            told(f"{stage.profile}: consumer loop beside a bare consume loop, round {number + 1} of {sizes.rounds}")
            bare.append(await _bare_round(stage, topic, sizes.records))
            ours.append(await _kit_round(f"bench.{number}", broker, feed.owner, topic, sizes.records))
    figures = [
        Figure(MEASURE, "bare aiokafka loop: parse JSON, count", UNIT, tuple(bare)),
        Figure(MEASURE, "consumer loop: fence, offsets, effect in SQL", UNIT, tuple(ours)),
    ]
    return [*figures, ratio(MEASURE, "consumer loop / bare", figures[1], figures[0])]


async def _make_table(feed: Feed) -> None:
    async with feed.owner.store.engine.begin() as connection:
        await connection.run_sync(BenchModel.metadata.create_all)
    async with feed.owner.store.transaction() as session:
        session.add_all([CountRow(partition=number) for number in range(PARTITIONS)])


async def _bare_round(stage: Stage, topic: Topic, count: int) -> float:
    consumer = AIOKafkaConsumer(bootstrap_servers=stage.log.address, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([aiokafka.TopicPartition(topic.name, number) for number in range(PARTITIONS)])
        begun, read = time.perf_counter(), 0
        while read < count:
            fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=Pace().batch_records)
            read += len([orjson.loads(record.value) for records in fetched.values() for record in records])
        return count / (time.perf_counter() - begun)
    finally:
        await consumer.stop()


async def _kit_round(name: str, broker: Broker, owner: Owner, topic: Topic, count: int) -> float:
    """From the moment it holds every partition: joining a group takes the broker seconds, however few the records."""
    consumer = Consumer(name, {topic.name: Reader(topic, {"NoticeGiven": NoticeReading})}, CountWork)
    loop = ConsumerLoop(consumer, broker, owner, KnownLog("bench", PARTITIONS), Pace())
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop))

    async def holds_all() -> bool:
        return running.done() or len(loop.held) == PARTITIONS

    async def is_done() -> bool:
        return running.done() or loop.processed >= count

    await until(f"{name} holds its partitions", holds_all)
    begun = time.perf_counter()
    await until(f"{count} records processed by {name}", is_done)
    elapsed = time.perf_counter() - begun
    stop.set()
    await running
    assert not loop.halted, loop.halted
    return count / elapsed
