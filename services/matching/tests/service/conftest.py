"""A whole matching service over the in-memory broker: events of other services go in, and matching's events come out."""

import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from service_world import NOW, World, open_world

from makersync.clock import ManualClock
from matching.bootstrap import definition
from tests.servers.tables import tables_of


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(scope="session")
def fill() -> Callable[[str], None]:
    return tables_of(lambda: definition().metadata)


@pytest.fixture
async def world(database_url: str, clock: ManualClock, tmp_path: Path) -> AsyncIterator[World]:
    """With a catalog of three credentials already read."""
    world = await open_world(database_url, clock, tmp_path)
    yield world
    await world.store.close()
