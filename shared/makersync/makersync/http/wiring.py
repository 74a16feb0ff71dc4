"""The objects that routes work with: set on the application once, and read by the kit's dependencies."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.conditions import stops_writes
from makersync.http.key_uses import KeyUses
from makersync.http.problems import WritesStopped
from makersync.settings import Settings
from makersync.store.activity import ACTING, acts_as
from makersync.store.database import Store
from makersync.telemetry import Metrics


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts of one service process.

    `pepper` keys the hashes of API keys (`makersync.http.pepper`); `is_compared` returns whether the store has been compared
    with the service's own topics since the process started.
    """

    settings: Settings
    store: Store
    clock: Clock
    metrics: Metrics
    pepper: bytes = field(repr=False)
    is_compared: Callable[[], bool] = _always
    key_uses: KeyUses = field(default_factory=KeyUses)


def wiring_of(request: Request) -> Wiring:
    wiring = request.app.state.wiring
    assert isinstance(wiring, Wiring)
    return wiring


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """Raises WritesStopped."""
    wiring = wiring_of(request)
    if not wiring.is_compared():
        detail = "The service has just started and waits to compare its database with the log."
        raise WritesStopped("starting", detail, retry_after=5)
    async with wiring.store.transaction() as session:
        acts_as(session, lambda: request.scope.get(ACTING))
        if await stops_writes(session):
            detail = "An operator has to repair the service first; nothing was changed."
            raise WritesStopped("writes_stopped", detail, retry_after=60)
        yield session


#: The same for a route that answers only after it has committed.
writing = asynccontextmanager(transaction)


async def reading(request: Request) -> AsyncIterator[AsyncSession]:
    async with wiring_of(request).store.snapshot() as session:
        yield session


#: One request is one transaction. With function scope, FastAPI leaves the dependency after the route has returned and before
#: the response is sent, so that no caller gets an answer for a change that was not committed; with the default scope it would
#: commit after the response. Declare the principal first: on SQLite a transaction blocks all other writers.
Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]

#: A read-only session in which all statements see the same snapshot, so that a list and its details agree. It is released
#: before the response is sent.
Reading = Annotated[AsyncSession, Depends(reading, scope="function")]
