"""The fixtures that every test suite may use. Those that need a server are marked `cluster`."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from makersync.broker.embedded import EmbeddedBroker
from makersync.broker.port import Broker
from makersync.members import passwords
from tests.servers.brokers import BrokerKind, EmbeddedKind, KafkaKind, MemoryKind
from tests.servers.finding import free_port
from tests.servers.kafka import KafkaServer, find_kafka
from tests.servers.postgres import PostgresServer, find_postgres

CLUSTER = pytest.mark.cluster


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashes of passwords at a thousandth of their price, on which tests of pages would otherwise spend most of their time.
    What real ones cost is tested by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "Argon2Hasher", partial(Argon2Hasher, time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """The session's Kafka. Its topics outlive a test: name yours after it."""
    server = find_kafka()
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = find_postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The administrator's URL, `postgresql://`."""
    return postgres_server.url


@pytest.fixture(scope="session")
def new_database(postgres_server: PostgresServer) -> Callable[[str], str]:
    """Makes a fresh database and role; returns its `postgresql+asyncpg://` URL."""
    return postgres_server.new_database


@pytest.fixture
async def embedded_broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    """An embedded broker of the test's own, with nothing in it."""
    broker = EmbeddedBroker(free_port(), tmp_path / "broker.log")
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture(params=["memory", "embedded", pytest.param("kafka", marks=CLUSTER)])
def _opened_kind(request: pytest.FixtureRequest) -> BrokerKind:
    """Not async: an async fixture cannot ask for another one by its name."""
    if request.param == "memory":
        return MemoryKind()
    if request.param == "embedded":
        return EmbeddedKind(request.getfixturevalue("embedded_broker"))
    return KafkaKind(request.getfixturevalue("kafka_server"))


@pytest.fixture
async def broker_kind(_opened_kind: BrokerKind) -> AsyncIterator[BrokerKind]:
    """Each kind of broker in turn, with what can be done to it. Kafka's is the session's: it remembers earlier tests."""
    yield _opened_kind
    await _opened_kind.close()


@pytest.fixture
async def any_broker(broker_kind: BrokerKind) -> Broker:
    """Each kind of broker in turn. Kafka's is the session's: topics of earlier tests are still there."""
    return await broker_kind.connect()


@pytest.fixture(scope="session")
def fill() -> Callable[[str], None] | None:
    """What makes that which the databases of a suite on PostgreSQL have from the beginning; a suite may say."""
    return None


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=CLUSTER)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, fill: Callable[[str], None] | None) -> str:
    """A fresh database of each kind in turn, as a SQLAlchemy URL for an async engine."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database("test") if fill is None else server.filled_database("test", fill)
