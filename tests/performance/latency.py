"""Measure 3: from a learner's change to the match in the openings store, and to the line that the stream of the employer gets,
through the three services as processes."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
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
from tests.performance.streams import EntryKey, StreamListener
from tests.performance.waiting import BenchStuck, until

MEASURE, STREAMED = "event to match", "event to stream"
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
        tokens = await system.load(sizes)
        found: dict[tuple[str, int, str], list[float]] = {}
        async with StreamListener(processes.url("openings"), tokens) as listener:
            for number in range(sizes.windows):
                for rate in sizes.rates:
                    told(f"{stage.profile}: event to match at {rate} events/s, window {number + 1} of {sizes.windows}")
                    for (measure, name), value in (await system.window(rate, sizes.window_s, listener)).items():
                        found.setdefault((measure, rate, name), []).append(value)
    return [
        Figure(measure, f"{rate}/s: {name}", UNITS[name], tuple(values))
        for (measure, rate, name), values in sorted(found.items(), key=_order)
    ]


UNITS = dict.fromkeys(PERCENTILES, "ms") | {"rate reached": "events/s", "matches proposed": "matches"}


def _order(item: tuple[tuple[str, int, str], list[float]]) -> tuple[str, int, int]:
    (measure, rate, name), _ = item
    return measure, rate, list(UNITS).index(name)


async def _start(processes: Processes, client: httpx.AsyncClient, sizes: Sizes) -> ServiceClients:
    keys = {service: await processes.prepare(service) for service in SERVICES}
    source = (sys.executable, "-m", "tests.performance.source", str(sizes.openings), str(sizes.pool))
    async with asyncio.TaskGroup() as group:
        group.create_task(processes.start("learners", source))
        group.create_task(processes.start("openings"))
        group.create_task(processes.start("matching"))
    doors = {service: ServiceClient(client, processes.url(service)) for service in SERVICES}
    return ServiceClients(doors["openings"], doors["learners"], doors["matching"], keys)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A match as it was proposed, the time of the learner's change that led to it, and how long that took."""

    key: EntryKey
    origin_at: datetime
    latency_ms: int

    def streamed_ms(self, arrived_at: datetime) -> float:
        return (arrived_at - self.origin_at).total_seconds() * 1000


class System:
    """The running services, and what is done with them."""

    def __init__(self, processes: Processes, doors: ServiceClients, client: httpx.AsyncClient) -> None:
        self._processes, self._doors, self._client = processes, doors, client

    async def load(self, sizes: Sizes) -> Sequence[str]:
        """The openings over HTTP, the learners through the source. Returns the keys of the employers."""
        await self._rest()
        market, ids = measured_market(sizes.openings, sizes.pool), IssuedIds()
        clerk = Submitter(self._doors, ids)
        for employer in market.employers():
            await clerk.admit(employer)
        for opening in local_openings(market, sizes.openings):
            await clerk.publish(opening)
        await self._ask_source("load", None)
        await self._ask_source("flow", {"count": WARM_UP, "rate": WARM_UP})
        await self._rest()
        return [employer.token for employer in ids.employers.values()]

    async def window(self, rate: int, seconds: float, listener: StreamListener) -> dict[tuple[str, str], float]:
        since, count = WallClock().now(), int(rate * seconds)
        flowed = await self._ask_source("flow", {"count": count, "rate": rate})
        await self._rest()
        proposed = await self._proposed(since)
        await until("the entries of all matches", lambda: _has_all(listener, proposed))
        matched = _percentiles([each.latency_ms for each in proposed])
        streamed = _percentiles([each.streamed_ms(listener.arrivals[each.key]) for each in proposed])
        reached = {"rate reached": count / flowed["seconds"], "matches proposed": float(len(proposed))}
        return {(MEASURE, name): value for name, value in (matched | reached).items()} | {
            (STREAMED, name): value for name, value in streamed.items()
        }

    async def _ask_source(self, what: str, body: dict[str, float] | None) -> dict[str, float]:
        url = f"{self._processes.url('learners')}/bench/{what}"
        answer = await self._client.post(url, json=body, timeout=FLOW_S)
        answer.raise_for_status()
        told: dict[str, float] = answer.json()
        return told

    async def _rest(self) -> None:
        await settle(self._doors, lambda _waiting: None)

    async def _proposed(self, since: datetime) -> Sequence[Proposed]:
        """The matches that were proposed since and not changed afterwards, as the openings service has measured them."""
        store = Store(self._processes.databases["openings"])
        try:
            async with store.reading() as session:
                rows = await session.exec(select(ShortlistRow).where(col(ShortlistRow.proposed_at) >= since))
                return [
                    Proposed((f"{row.opening_id}/{row.learner_id}", row.version), row.origin_at, row.latency_ms)
                    for row in rows
                    if row.latency_ms is not None and row.live and _is_as_proposed(row)
                ]
        finally:
            await store.close()


def _is_as_proposed(row: ShortlistRow) -> bool:
    return row.proposed_at is not None and row.changed_at <= row.proposed_at


async def _has_all(listener: StreamListener, proposed: Sequence[Proposed]) -> bool:
    return listener.arrivals.keys() >= {each.key for each in proposed}


def _percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    ascending = sorted(milliseconds)
    if not ascending:
        raise BenchStuck("the events of a window brought no match")
    return {name: float(ascending[-(-percent * len(ascending) // 100) - 1]) for name, percent in PERCENTILES.items()}
