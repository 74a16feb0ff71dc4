"""Both services of the toy on a real broker."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from makersync.broker.port import Broker, Record
from makersync.broker.topics import ensure_topics, read_log_id
from makersync.clock import WallClock
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.consumer_port import Consumer
from makersync.effects.log_identity import KnownLog
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.publisher import Publisher, PublisherPace
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.telemetry import create_metrics
from tests.servers.brokers import KafkaKind
from tests.servers.kafka import KafkaServer
from tests.servers.waiting import read

from .toy_services import READERS, Halves, JoinWork
from .toy_stores import open_store
from .toy_world import World
from .toys import LEFT, PAIR, PARTITIONS, REGIONS, RIGHT, TOPICS, own_topics, toy_outbox

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
