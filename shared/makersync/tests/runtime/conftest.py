"""The toys' service, and an application behind the real server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from makersync.broker.memory import MemoryBroker
from makersync.clock import WallClock
from makersync.effects.outbox import Outbox
from makersync.runtime.service import Context
from makersync.settings import Settings
from makersync.telemetry import create_metrics
from shared.makersync.tests.effects.toy_stores import open_store
from shared.makersync.tests.effects.toy_world import write_identity
from shared.makersync.tests.effects.toys import PARTITIONS
from tests.servers.finding import free_port

from .desk import Desk, served
from .toy_process import Service


@pytest.fixture
async def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    async def migrated(*_: object) -> None:
        return None

    monkeypatch.setattr("makersync.runtime.process.require_migrated", migrated)
    settings = Settings(
        state_folder=tmp_path,
        partitions=PARTITIONS,
        http_port=free_port(),
        inner_port=free_port(),
        fetch_wait=0.02,
        relay_poll=0.02,
        dead_letter_limit=1,
        hold_within=1.0,
        watchdog=30.0,
    )
    clock, broker = WallClock(), MemoryBroker()
    await write_identity(broker, "log-1")
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'toys.sqlite'}")
    context = Context(settings, store, clock, Outbox("/toys", clock, PARTITIONS), create_metrics())
    service = Service(tmp_path, broker, context)
    yield service
    await service.client.aclose()
    await service.inner.aclose()
    await store.close()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with served() as desk:
        yield desk
