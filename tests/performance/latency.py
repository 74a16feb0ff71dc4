"""Measure 3: from a learner's change to the match in the openings store, through the three services as processes."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

import httpx
from sqlmodel import col, select

from demo.client.issued_ids import IssuedIds
from demo.client.service_clients import ServiceClient, ServiceClients, new_client
from demo.running.settling import settle
from demo.running.stack import SERVICES
from demo.running.submitting import Submitter
from makersync.clock import WallClock
from makersync.store.database import Store
from openings.adapters.shortlist_tables import ShortlistRow
from tests.performance.figures import Figure
from tests.performance.markets import local_openings, measured_market
from tests.performance.printing import Told
from tests.performance.processes import Processes
from tests.performance.sizes import Sizes
from tests.performance.stages import Stage
from tests.performance.waiting import BenchStuck

MEASURE = "event to match"
PERCENTILES = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
FLOW_S = 300.0
#: Changes before the first window, to warm every path up.
WARM_UP = 40


async def measure_latency(stage: Stage, sizes: Sizes, told: Told) -> Sequence[Figure]:
    """Windows of each rate in turn; everything comes to rest in between."""
    await stage.begin_log()
    async with Processes(stage, stage.folder / "latency") as processes, new_client() as client:
        told(f"{stage.profile}: event to match, starting three services")
        doors = await _start(processes, client, sizes)
        system = System(processes, doors, client)
        told(f"{stage.profile}: event to match, loading {sizes.openings} openings and {sizes.pool} learners")
        await system.load(sizes)
        found: dict[tuple[int, str], list[float]] = {}
        for number in range(sizes.windows):
            for rate in sizes.rates:
                told(f"{stage.profile}: event to match at {rate} events/s, window {number + 1} of {sizes.windows}")
                for name, value in (await system.window(rate, sizes.window_s)).items():
                    found.setdefault((rate, name), []).append(value)
    return [
        Figure(MEASURE, f"{rate}/s: {name}", UNITS[name], tuple(values))
        for (rate, name), values in sorted(found.items(), key=_order)
    ]


UNITS = dict.fromkeys(PERCENTILES, "ms") | {"rate reached": "events/s", "matches proposed": "matches"}


def _order(item: tuple[tuple[int, str], list[float]]) -> tuple[int, int]:
    (rate, name), _ = item
    return rate, list(UNITS).index(name)


async def _start(processes: Processes, client: httpx.AsyncClient, sizes: Sizes) -> ServiceClients:
    keys = {service: await processes.prepare(service) for service in SERVICES}
    source = (sys.executable, "-m", "tests.performance.source", str(sizes.openings), str(sizes.pool))
    async with asyncio.TaskGroup() as group:
        group.create_task(processes.start("learners", source))
        group.create_task(processes.start("openings"))
        group.create_task(processes.start("matching"))
    doors = {service: ServiceClient(client, processes.url(service)) for service in SERVICES}
    return ServiceClients(doors["openings"], doors["learners"], doors["matching"], keys)


class System:
    """The running services, and what is done with them."""

    def __init__(self, processes: Processes, doors: ServiceClients, client: httpx.AsyncClient) -> None:
        self._processes, self._doors, self._client = processes, doors, client

    async def load(self, sizes: Sizes) -> None:
        """The openings over HTTP, the learners through the source."""
        await self._rest()
        market = measured_market(sizes.openings, sizes.pool)
        clerk = Submitter(self._doors, IssuedIds())
        for employer in market.employers():
            await clerk.admit(employer)
        for opening in local_openings(market, sizes.openings):
            await clerk.publish(opening)
        await self._ask_source("load", None)
        await self._ask_source("flow", {"count": WARM_UP, "rate": WARM_UP})
        await self._rest()

    async def window(self, rate: int, seconds: float) -> dict[str, float]:
        since, count = WallClock().now(), int(rate * seconds)
        flowed = await self._ask_source("flow", {"count": count, "rate": rate})
        await self._rest()
        ascending = sorted(await self._latencies_ms(since))
        if not ascending:
            raise BenchStuck(f"{count} learner events brought no match")
        percentiles = {name: float(ascending[-(-percent * len(ascending) // 100) - 1]) for name, percent in PERCENTILES.items()}
        return percentiles | {"rate reached": count / flowed["seconds"], "matches proposed": float(len(ascending))}

    async def _ask_source(self, what: str, body: dict[str, float] | None) -> dict[str, float]:
        url = f"{self._processes.url('learners')}/bench/{what}"
        answer = await self._client.post(url, json=body, timeout=FLOW_S)
        answer.raise_for_status()
        told: dict[str, float] = answer.json()
        return told

    async def _rest(self) -> None:
        await settle(self._doors, lambda _waiting: None)

    async def _latencies_ms(self, since: datetime) -> Sequence[int]:
        """Of the matches proposed since, as the openings service has written them beside the matches."""
        store = Store(self._processes.databases["openings"])
        try:
            async with store.reading() as session:
                query = select(ShortlistRow.latency_ms).where(col(ShortlistRow.proposed_at) >= since)
                return [latency for latency in await session.exec(query) if latency is not None]
        finally:
            await store.close()
