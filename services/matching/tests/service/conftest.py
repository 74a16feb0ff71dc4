"""A whole matching service over the in-memory broker: events of other services go in, and matching's events come out."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from service_world import NOW, World, open_world

from makersync.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def world(database_url: str, clock: ManualClock, tmp_path: Path) -> AsyncIterator[World]:
    """With a catalog of three credentials already read."""
    world = await open_world(database_url, clock, tmp_path)
    yield world
    await world.store.close()
