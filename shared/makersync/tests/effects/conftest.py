"""One service's world, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from makersync.broker.memory import MemoryBroker
from makersync.clock import ManualClock
from makersync.store.database import Store

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
