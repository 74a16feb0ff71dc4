from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import ManualClock
from makersync.errors import RetryLater
from makersync.http.application import create_app, create_inner_app
from makersync.http.key_routes import MANAGE_KEYS, KeyHolders, key_routes
from makersync.http.keys import OPERATOR, KeyGrant, issue_key
from makersync.http.operator_key_routes import operator_key_routes
from makersync.http.wiring import Wiring
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.store.tables import KitModel
from makersync.telemetry import create_metrics
from tests.servers.tables import create_tables

from .sample import SampleModel, outer, router

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BODY_LIMIT = 4096


@dataclass
class Parts:
    """The readiness checks of the sample; a test makes a part unavailable by setting a reason."""

    missing: dict[str, Exception] = field(default_factory=dict)

    async def database(self) -> None:
        self._raise("database")

    async def broker(self) -> None:
        self._raise("broker")

    def _raise(self, part: str) -> None:
        if part in self.missing:
            raise self.missing[part]

    def away(self, part: str, why: str) -> None:
        self.missing[part] = RetryLater(why)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def parts() -> Parts:
    return Parts()


@asynccontextmanager
async def opened_store(url: str) -> AsyncIterator[Store]:
    """A store with the tables of the kit and of the sample."""
    store = Store(url)
    await create_tables(store, [KitModel.metadata, SampleModel.metadata])
    yield store
    await store.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """On SQLite; modules whose rules depend on the database override it with one of each kind."""
    async with opened_store(f"sqlite+aiosqlite:///{tmp_path}/sample.db") as store:
        yield store


@pytest.fixture
def wiring(store: Store, clock: ManualClock) -> Wiring:
    return Wiring(Settings(body_limit=BODY_LIMIT), store, clock, create_metrics(), pepper=b"p" * 32)


async def _employer_exists(_session: AsyncSession, organisation_id: str) -> bool:
    return organisation_id in {"acme", "bolt"}


@pytest.fixture
def app(wiring: Wiring, parts: Parts) -> FastAPI:
    keys = key_routes(KeyHolders("employers", ("notices:read", "notices:write"), _employer_exists))
    readiness = {"database": parts.database, "broker": parts.broker}
    return create_app("Sample", "1.0.0", wiring, [router, outer, keys, operator_key_routes()], readiness)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sample") as client:
        yield client


@pytest.fixture
async def inside(wiring: Wiring, parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the inner port."""
    app = create_inner_app({"database": parts.database, "broker": parts.broker}, wiring.metrics)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as client:
        yield client


@dataclass
class Keys:
    """Issues keys directly, as the bootstrap command does."""

    wiring: Wiring

    async def token(self, organisation: str | None, scopes: Sequence[str], expires_at: datetime | None = None) -> str:
        async with self.wiring.store.transaction() as session:
            grant = KeyGrant(organisation, "test", scopes, expires_at)
            return issue_key(session, self.wiring.pepper, self.wiring.clock, grant)[1]

    async def headers(self, organisation: str | None, scopes: Sequence[str]) -> dict[str, str]:
        return bearer(await self.token(organisation, scopes))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def keys(wiring: Wiring) -> Keys:
    return Keys(wiring)


@pytest.fixture
async def acme(keys: Keys) -> dict[str, str]:
    return await keys.headers("acme", ["notices:read", "notices:write", MANAGE_KEYS])


@pytest.fixture
async def bolt(keys: Keys) -> dict[str, str]:
    return await keys.headers("bolt", ["notices:read", "notices:write"])


@pytest.fixture
async def operator(keys: Keys) -> dict[str, str]:
    return await keys.headers(None, [OPERATOR])
