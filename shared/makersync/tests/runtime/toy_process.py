"""The toys' service as one process, and what it says of itself."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from makersync.broker.memory import MemoryBroker
from makersync.effects.conditions import stops_writes
from makersync.effects.consumer_port import Consumer
from makersync.runtime.process import ServiceProcess
from makersync.runtime.service import Context, Periodic, ServiceDefinition
from makersync.store.database import DatabaseAway
from shared.makersync.tests.effects.toy_services import READERS, Halves, JoinWork
from shared.makersync.tests.effects.toys import LEFT, PAIR, PARTITIONS, RIGHT
from tests.servers.waiting import wait_for


class Service:
    """The toys' service as one process: it sets halves, and joins them itself."""

    def __init__(self, folder: Path, broker: MemoryBroker, context: Context) -> None:
        self.folder, self.broker, self.context = folder, broker, context
        self.steps = 0
        self.process = ServiceProcess(self._definition(), context)
        self.process.status.broker = broker
        self.inner = httpx.AsyncClient(transport=httpx.ASGITransport(self.process.inner_application()), base_url="http://toys")
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.process.application()), base_url="http://toys")

    def _definition(self) -> ServiceDefinition:
        def consumers(context: Context) -> Sequence[Consumer]:
            return [Consumer("pairs", READERS, lambda number: JoinWork(number, context.outbox))]

        return ServiceDefinition(
            "toys",
            "Toys",
            (),
            (LEFT, RIGHT, PAIR),
            consumers,
            lambda _context: [],
            lambda _context: [Periodic("step", 0.01, self._step)],
        )

    async def _step(self) -> None:
        self.steps += 1
        if self.steps == 2:
            raise DatabaseAway("for a moment")

    @property
    def halves(self) -> Halves:
        return Halves(self.context.store, self.context.outbox)

    async def ready(self) -> dict[str, Any]:
        public, answer = await asyncio.gather(self.client.get("/readyz"), self.inner.get("/readyz"))
        assert set(public.json()["parts"].values()) <= {"ok", "away", "halted"}
        assert answer.status_code == (200 if answer.json()["status"] == "ready" else 503)
        return dict(answer.json()["parts"])


@contextlib.asynccontextmanager
async def started(service: Service) -> AsyncIterator[asyncio.Task[None]]:
    """The process from its start, which may lack something, until it has stopped."""
    task = asyncio.create_task(service.process.run())
    try:
        yield task
    finally:
        service.process.stop()
        await task


@contextlib.asynccontextmanager
async def running(service: Service) -> AsyncIterator[asyncio.Task[None]]:
    """The process once it holds every partition."""
    async with started(service) as task:
        await wait_for(lambda: holds_everything(service))
        yield task


async def holds_everything(service: Service) -> bool:
    return any(len(loop.held) == PARTITIONS for loop in service.process.status.loops)


async def is_ready(service: Service) -> bool:
    return set((await service.ready()).values()) == {"ok"}


async def is_away(service: Service) -> bool:
    parts = await service.ready()
    return (parts["database"], parts["broker"]) == ("ok", "away: no broker answers at memory")


async def says(service: Service, part: str, beginning: str) -> bool:
    return bool((await service.ready())[part].startswith(beginning))


async def writes_are_stopped(service: Service) -> bool:
    async with service.context.store.reading() as session:
        return await stops_writes(session)
