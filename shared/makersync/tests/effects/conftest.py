"""One service's world, on SQLite and on PostgreSQL, its relay, and both services on each kind of broker."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Broker
from makersync.clock import ManualClock
from makersync.effects.auditor import Auditor
from makersync.effects.relay import Relay
from makersync.store.database import Store

from .auditing import OWN
from .broker_setting import Setting, setting_on
from .toy_stores import open_store
from .toy_world import World, write_identity
from .toys import NOW


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await open_store(database_url)
    yield store
    await store.close()


@pytest.fixture
async def world(store: Store, clock: ManualClock) -> World:
    """On each kind of database."""
    return await _world(store, clock)


@pytest.fixture
async def sqlite_world(tmp_path: Path, clock: ManualClock) -> AsyncIterator[World]:
    """On SQLite only, for rules that do not depend on the database."""
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'toy.sqlite'}")
    yield await _world(store, clock)
    await store.close()


@pytest.fixture
async def postgres_world(new_database: Callable[[str], str], clock: ManualClock) -> AsyncIterator[World]:
    """On PostgreSQL only, for tests that need overlapping transactions. Mark the test `cluster`."""
    store = await open_store(new_database("toy"))
    yield await _world(store, clock)
    await store.close()


async def _world(store: Store, clock: ManualClock) -> World:
    broker = MemoryBroker(clock)
    world = World(store, broker, clock)
    await write_identity(broker, world.log_id)
    return world


@pytest.fixture
async def relay(world: World) -> Relay:
    return await world.relay()


@pytest.fixture
def auditor(world: World) -> Auditor:
    return Auditor(world.owner(), world.broker, OWN)


@pytest.fixture
async def setting(any_broker: Broker, tmp_path: Path) -> AsyncIterator[Setting]:
    async with setting_on(any_broker, tmp_path) as setting:
        yield setting
