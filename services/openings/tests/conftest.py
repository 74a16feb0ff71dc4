"""A complete openings service on each kind of database, without a broker: tests call its routes and feed its consumers."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.effects.outbox import Outbox
from makersync.envelope import Event, decode
from makersync.http.keys import OPERATOR, KeyGrant, issue_key
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.store.tables import OutboxRow
from makersync.telemetry import create_metrics
from openings.adapters.employer_tables import EmployerRow
from openings.bootstrap import definition
from tests.servers.applications import application
from tests.servers.tables import create_tables, tables_of

from .events import Feed
from .samples import group, wanted

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CREDENTIALS = ("nims.cnc-operator", "nims.cnc-programmer", "mssc.cpt")
COMPETENCIES = ("machining.cnc-milling", "quality.measurement")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(scope="session")
def fill() -> Callable[[str], None]:
    return tables_of(lambda: definition().metadata)


@pytest.fixture
async def context(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Context]:
    settings = Settings(state_folder=tmp_path)
    store = Store(database_url)
    await create_tables(store, definition().metadata)
    yield Context(settings, store, clock, Outbox("/makersync/openings", clock, settings.partitions), create_metrics())
    await store.close()


@pytest.fixture
def wiring(context: Context) -> Wiring:
    return Wiring(context.settings, context.store, context.clock, context.metrics, pepper=b"p" * 32)


@pytest.fixture
def app(context: Context, wiring: Wiring) -> FastAPI:
    return application(definition(), context, wiring)


@dataclass
class Caller:
    """Whoever holds one key."""

    http: httpx.AsyncClient
    organisation_id: str | None
    headers: dict[str, str]

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.http.request(method, path, headers=self.headers | options.pop("headers", {}), **options)

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        return await self.send("GET", path, params=parameters)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.send("POST", path, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    async def change(self, method: str, path: str, version: int | str, body: Any = None) -> httpx.Response:
        return await self.send(method, path, json=body, headers={"If-Match": f'"{version}"'})


async def publish(caller: Caller, **changed: Any) -> str:
    """Publishes an opening and returns its path."""
    answer = await caller.post("/v1/openings", wanted(**changed))
    return str(answer.headers["Location"])


MakeCaller = Callable[[str | None, Sequence[str]], Coroutine[Any, Any, Caller]]


@pytest.fixture
async def caller(app: FastAPI, context: Context, wiring: Wiring) -> AsyncIterator[MakeCaller]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://openings") as http:

        async def make(organisation_id: str | None, scopes: Sequence[str]) -> Caller:
            async with context.store.transaction() as session:
                grant = KeyGrant(organisation_id, "test", scopes)
                _, token = issue_key(session, wiring.pepper, wiring.clock, grant)
                if organisation_id and await session.get(EmployerRow, organisation_id) is None:
                    session.add(EmployerRow(employer_id=organisation_id, name=organisation_id, created_at=NOW))
            return Caller(http, organisation_id, {"Authorization": f"Bearer {token}"})

        yield make


@pytest.fixture
async def acme(caller: MakeCaller) -> Caller:
    return await caller("emp_acme", ["openings:read", "openings:write"])


@pytest.fixture
async def bolt(caller: MakeCaller) -> Caller:
    return await caller("emp_bolt", ["openings:read", "openings:write", "keys:manage"])


@pytest.fixture
async def operator(caller: MakeCaller) -> Caller:
    return await caller(None, [OPERATOR])


@pytest.fixture
def feed(context: Context) -> Feed:
    """Hands the events of other services to this service's consumers."""
    return Feed(context)


@pytest.fixture
async def catalog(feed: Feed) -> None:
    """A small catalog that this service has already received."""
    credentials = [("CredentialDefined", each, 1, credential(each)) for each in CREDENTIALS]
    competencies = [("CompetencyDefined", each, 1, {"id": each, "name": each.partition(".")[2]}) for each in COMPETENCIES]
    await feed.catalog(*credentials, *competencies)


def credential(identifier: str, **changed: Any) -> dict[str, Any]:
    return {"id": identifier, "name": identifier.upper(), "issuer": "NIMS", "aliases": []} | changed


@dataclass
class Published:
    """The events that this service has recorded."""

    store: Store

    async def events(self) -> list[Event]:
        async with self.store.reading() as session:
            rows = await session.exec(select(OutboxRow).order_by("id"))
            return [decode(row.payload) for row in rows]

    async def kinds(self) -> list[str]:
        return [event.type.rpartition(".")[2] for event in await self.events()]


@pytest.fixture
def published(context: Context) -> Published:
    return Published(context.store)


@pytest.fixture
async def opening_id(acme: Caller) -> str:
    body = wanted(groups=[group(weight=2), group("cpt", necessity="preferred", any_of=[{"credential": "mssc.cpt"}])])
    return str((await acme.post("/v1/openings", body)).json()["opening_id"])
