"""A whole learners service on each kind of database and without a broker: tests call its routes and feed its consumer."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from learners.adapters.tables import ProviderRow
from learners.bootstrap import definition, seed
from makersync.clock import ManualClock
from makersync.effects.lease import acquire
from makersync.effects.outbox import Outbox
from makersync.envelope import Event, decode
from makersync.feed.numbering import Numbering
from makersync.http.keys import OPERATOR, KeyGrant, issue_key
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.store.tables import OutboxRow
from makersync.telemetry import create_metrics
from tests.servers.applications import application
from tests.servers.restoring import RestoredService

from .events import Feed

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TTL_S = 30.0
SCOPES = ("learners:read", "learners:write", "keys:manage")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that holds the reference catalog and nothing else; each test on SQLite works on a copy."""
    path = tmp_path_factory.mktemp("seeded") / "learners.db"
    _fill(f"sqlite+aiosqlite:///{path}")
    return path


def _fill(url: str) -> None:
    asyncio.run(_seed(_context_on(url, ManualClock(NOW))))


async def _seed(made: Context) -> None:
    async with made.store.engine.begin() as connection:
        for metadata in definition().metadata:
            await connection.run_sync(metadata.create_all)
    await seed(made)
    await made.store.close()


def _context_on(url: str, clock: ManualClock) -> Context:
    settings = Settings()
    outbox = Outbox("/makersync/learners", clock, settings.partitions)
    return Context(settings, Store(url), clock, outbox, create_metrics())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.cluster)])
def seeded_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind in turn, with the reference catalog."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{shutil.copy(request.getfixturevalue('seeded'), tmp_path)}"
    return str(request.getfixturevalue("postgres_server").filled_database("learners", _fill))


@pytest.fixture
async def context(seeded_url: str, clock: ManualClock) -> AsyncIterator[Context]:
    made = _context_on(seeded_url, clock)
    yield made
    await made.store.close()


@pytest.fixture
async def numbering(context: Context) -> Numbering:
    """What the leader does for the feeds."""
    async with context.store.transaction() as session:
        lease = await acquire(session, context.clock, "learners.relay", "test", TTL_S)
    assert lease is not None
    return Numbering(context.store, context.clock, lease, TTL_S)


@pytest.fixture
def wiring(context: Context) -> Wiring:
    return Wiring(context.settings, context.store, context.clock, context.metrics, pepper=b"p" * 32)


@pytest.fixture
def app(context: Context, wiring: Wiring) -> FastAPI:
    return application(definition(), context, wiring)


@dataclass
class Caller:
    """The holder of one key."""

    http: httpx.AsyncClient
    headers: dict[str, str]

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.http.request(method, path, headers=self.headers | options.pop("headers", {}), **options)

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        return await self.send("GET", path, params=parameters)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.send("POST", path, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    async def change(self, method: str, path: str, version: int | None, body: Any = None) -> httpx.Response:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await self.send(method, path, headers=headers, **({} if body is None else {"json": body}))


MakeCaller = Callable[[str | None, Sequence[str]], Coroutine[Any, Any, Caller]]


@pytest.fixture
async def caller(app: FastAPI, context: Context, wiring: Wiring) -> AsyncIterator[MakeCaller]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://learners") as http:

        async def make(organisation_id: str | None, scopes: Sequence[str]) -> Caller:
            async with context.store.transaction() as session:
                _, token = issue_key(session, wiring.pepper, wiring.clock, KeyGrant(organisation_id, "test", scopes))
                if organisation_id and await session.get(ProviderRow, organisation_id) is None:
                    session.add(ProviderRow(provider_id=organisation_id, name=organisation_id, created_at=NOW))
            return Caller(http, {"Authorization": f"Bearer {token}"})

        yield make


@pytest.fixture
async def york(caller: MakeCaller) -> Caller:
    return await caller("prv_york", SCOPES)


@pytest.fixture
async def lima(caller: MakeCaller) -> Caller:
    return await caller("prv_lima", SCOPES)


@pytest.fixture
async def operator(caller: MakeCaller) -> Caller:
    return await caller(None, [OPERATOR])


@pytest.fixture
def feed(context: Context) -> Feed:
    return Feed(context)


@pytest.fixture
async def restored(context: Context) -> AsyncIterator[RestoredService]:
    """The service with its topics, on which the catalog is published, and a store that can be restored from a dump."""
    service = await RestoredService(context, definition()).open()
    await service.publish()
    yield service


@dataclass
class Published:
    """The events that this service has recorded, without those of the reference catalog."""

    store: Store
    already: int

    async def events(self, topic: str | None = None) -> list[Event]:
        async with self.store.reading() as session:
            statement = select(OutboxRow).where(OutboxRow.id > self.already).order_by(OutboxRow.id)  # type: ignore[operator, arg-type]
            rows = (await session.exec(statement)).all()
        return [decode(row.payload) for row in rows if topic in (None, row.topic)]

    async def kinds(self) -> list[str]:
        return [event.type.rpartition(".")[2] for event in await self.events()]

    async def told(self, region: str) -> list[tuple[str, int]]:
        """What was published to one region: types with versions."""
        events = await self.events()
        return [(event.type.rpartition(".")[2], event.version) for event in events if event.partitionkey == region]


@pytest.fixture
async def published(context: Context) -> Published:
    async with context.store.reading() as session:
        ids = (await session.exec(select(OutboxRow.id))).all()
    return Published(context.store, max(ids, default=0) or 0)
