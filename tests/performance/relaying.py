"""Measure 1: the outbox relay beside a bare aiokafka produce loop."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from sqlmodel import col, select

from makersync.broker.kafka.producer import BATCH_BYTES, LINGER_MS
from makersync.broker.port import Broker, Outgoing
from makersync.effects.own_topics import OwnTopics
from makersync.effects.publisher import Publisher, PublisherPace
from makersync.store.tables import OutboxRow
from tests.performance.feeding import BATCH, Feed, bench_topic, notices, opened_feed
from tests.performance.figures import Figure, ratio
from tests.performance.printing import Told
from tests.performance.sizes import Sizes
from tests.performance.stages import PARTITIONS, Stage
from tests.performance.waiting import until

MEASURE = "outbox relay"
UNIT = "records/s"
WARM_UP = 500


async def measure_relay(stage: Stage, sizes: Sizes, told: Told) -> Sequence[Figure]:
    """Rounds in turn: bare, relay, publisher; each on a topic of its own, with the same records."""
    rates: dict[str, list[float]] = {"bare": [], "relay": [], "publisher": []}
    await stage.begin_log()
    async with stage.broker() as broker, opened_feed(stage, broker) as feed, _bare_producer(stage) as bare:
        rig = Rig(stage, broker, feed, bare)
        await rig.warm_up()
        for number in range(sizes.rounds):
            told(f"{stage.profile}: outbox relay beside a bare produce loop, round {number + 1} of {sizes.rounds}")
            for name, round_of in (("bare", rig.bare_round), ("relay", rig.relay_round), ("publisher", rig.publisher_round)):
                rates[name].append(await round_of(f"{name}-{number}", sizes.records))
    figures = {name: Figure(MEASURE, CASES[name], UNIT, tuple(found)) for name, found in rates.items()}
    return [
        *figures.values(),
        ratio(MEASURE, "relay / bare", figures["relay"], figures["bare"]),
        ratio(MEASURE, "publisher / bare", figures["publisher"], figures["bare"]),
    ]


CASES = {
    "bare": "bare aiokafka produce loop",
    "relay": "relay alone: read, publish, mark",
    "publisher": "publisher: relay, lease, auditor",
}


class Rig:
    """What the rounds share: warm clients, one outbox."""

    def __init__(self, stage: Stage, broker: Broker, feed: Feed, bare: AIOKafkaProducer) -> None:
        self._stage, self._broker, self._feed, self._bare = stage, broker, feed, bare
        self._store = feed.owner.store

    async def warm_up(self) -> None:
        await self.bare_round("warm-bare", WARM_UP)
        await self.relay_round("warm-relay", WARM_UP)

    async def bare_round(self, name: str, count: int) -> float:
        records = await self._outgoing(name, count)
        await self._feed.forget()
        begun = time.perf_counter()
        sent = [await self._bare.send(r.topic, value=r.value, key=r.key, partition=r.partition) for r in records]
        await asyncio.gather(*sent)
        return count / (time.perf_counter() - begun)

    async def relay_round(self, name: str, count: int) -> float:
        await self._fill(name, count)
        begun = time.perf_counter()
        await self._feed.empty()
        elapsed = time.perf_counter() - begun
        await self._feed.forget()
        return count / elapsed

    async def publisher_round(self, name: str, count: int) -> float:
        """From its first batch on: before that it takes the lease and connects."""
        topic = await self._fill(name, count)
        own = OwnTopics("bench", {topic: PARTITIONS})
        publisher = Publisher(own, self._broker, self._feed.owner, PublisherPace(batch=BATCH))
        registry = self._feed.owner.metrics.registry
        stop = asyncio.Event()
        running = asyncio.create_task(publisher.run(stop))

        def published() -> float:
            return registry.get_sample_value("makersync_events_published_total", {"topic": topic}) or 0.0

        async def reached(least: int) -> tuple[float, float]:
            async def holds() -> bool:
                return running.done() or published() >= least

            await until(f"{least} records published to {topic}", holds)
            return published(), time.perf_counter()

        first, begun = await reached(1)
        last, ended = await reached(count)
        stop.set()
        await running
        await self._feed.forget()
        return (last - first) / (ended - begun)

    async def _fill(self, name: str, count: int) -> str:
        topic = bench_topic(name)
        await self._stage.create_topic(self._broker, topic.name)
        await self._feed.fill(notices(topic, count))
        return topic.name

    async def _outgoing(self, name: str, count: int) -> list[Outgoing]:
        """The records as the relay would read them."""
        await self._fill(name, count)
        async with self._store.reading() as session:
            rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
        return [Outgoing(row.topic, row.partition, row.key.encode(), row.payload) for row in rows]


@asynccontextmanager
async def _bare_producer(stage: Stage) -> AsyncIterator[AIOKafkaProducer]:
    """With the settings of the product's own."""
    producer = AIOKafkaProducer(
        bootstrap_servers=stage.log.address,
        acks="all",
        enable_idempotence=stage.settings.idempotent_producer,
        linger_ms=LINGER_MS,
        max_batch_size=BATCH_BYTES,
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
