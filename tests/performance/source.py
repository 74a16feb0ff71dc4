"""The learners service with a source of learner events inside: `python -m tests.performance.source OPENINGS LEARNERS`.

It does what a request to change a learner does from the transaction on: an event in the outbox, a commit that rings the relay's
waker. HTTP is left out, so that two processors can carry the rate; so are the service's own rows of the learner.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace

import uvloop
from fastapi import APIRouter
from pydantic import BaseModel

from learners.bootstrap import definition
from makersync.effects.outbox import NewEvent
from makersync.http.routing import CheckedRoute
from makersync.runtime.process import ServiceProcess
from makersync.runtime.service import Context, ServiceDefinition, context_of
from makersync.settings import Settings
from makersync.telemetry import configure_logging
from tests.performance.feeding import portions
from tests.performance.markets import Pool, measured_market

#: As requests would come: several at a time.
WRITERS = 8
LOAD_AT_ONCE = 200


class Flow(BaseModel):
    """So many changes, `rate` a second, one transaction each."""

    count: int
    rate: float


class Flowed(BaseModel):
    """How long it took to write them."""

    seconds: float


class Source:
    def __init__(self, context: Context, pool: Pool) -> None:
        self._store, self._outbox = context.store, context.outbox
        self._pool = pool

    async def load(self) -> None:
        """Register every learner of the pool."""
        for some in portions(self._pool.registrations(), LOAD_AT_ONCE):
            await self._write(some)

    async def flow(self, wanted: Flow) -> Flowed:
        """Each at its time; one that is late follows at once."""
        loop = asyncio.get_running_loop()
        begun, numbers = loop.time(), iter(range(wanted.count))

        async def write() -> None:
            for number in numbers:
                await asyncio.sleep(max(0.0, begun + number / wanted.rate - loop.time()))
                await self._write([self._pool.change()])

        async with asyncio.TaskGroup() as group:
            for _ in range(WRITERS):
                group.create_task(write())
        return Flowed(seconds=loop.time() - begun)

    async def _write(self, events: Sequence[NewEvent]) -> None:
        async with self._store.transaction() as session:
            await self._outbox.record(session, events)


def source_router(source: Source) -> APIRouter:
    router = APIRouter(route_class=CheckedRoute)

    @router.post("/bench/load")
    async def load() -> None:
        await source.load()

    @router.post("/bench/flow")
    async def flow(wanted: Flow) -> Flowed:
        return await source.flow(wanted)

    return router


def with_source(service: ServiceDefinition, pool: Pool) -> ServiceDefinition:
    return replace(service, routers=lambda context: [*service.routers(context), source_router(Source(context, pool))])


def main() -> None:
    openings, learners = map(int, sys.argv[1:])
    service = with_source(definition(), Pool(measured_market(openings, learners)))
    settings = Settings()
    configure_logging(settings, service.name)
    uvloop.run(ServiceProcess(service, context_of(service, settings)).run())


if __name__ == "__main__":
    main()
