"""Measure 3: from a learner's change to the match in the openings store, to the line that the stream of the employer gets, and
to the message that its webhook receives, through the three services as processes."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
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
from tests.performance.receiving import HOST, Receipts, answering
from tests.performance.sizes import Sizes
from tests.performance.stages import Stage
from tests.performance.streams import EntryKey, StreamListener
from tests.performance.waiting import BenchStuck, until

MEASURE, STREAMED, RECEIVED = "event to match", "event to stream", "event to webhook"
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
        for kind, about in ((system.streamed, "match"), (system.received, "webhook")):
            async with kind(tokens) as window:
                for number in range(sizes.windows):
                    for rate in sizes.rates:
                        told(f"{stage.profile}: event to {about} at {rate} events/s, window {number + 1} of {sizes.windows}")
                        for (measure, name), value in (await window(rate, sizes.window_s)).items():
                            found.setdefault((measure, rate, name), []).append(value)
    return [
        Figure(measure, f"{rate}/s: {name}", UNITS[name], tuple(values))
        for (measure, rate, name), values in sorted(found.items(), key=_order)
    ]


#: What is measured in a window with webhooks.
BESIDE = {f"{what}: {name}": "ms" for what in ("match", "receipt") for name in PERCENTILES}
UNITS = dict.fromkeys(PERCENTILES, "ms") | {"rate reached": "events/s", "matches proposed": "matches"} | BESIDE
Window = Callable[[int, float], Awaitable[dict[tuple[str, str], float]]]


def _order(item: tuple[tuple[str, int, str], list[float]]) -> tuple[str, int, int]:
    (measure, rate, name), _ = item
    return measure, rate, list(UNITS).index(name)


async def _start(processes: Processes, client: httpx.AsyncClient, sizes: Sizes) -> ServiceClients:
    keys = {service: await processes.prepare(service) for service in SERVICES}
    source = (sys.executable, "-m", "tests.performance.source", str(sizes.openings), str(sizes.pool))
    async with asyncio.TaskGroup() as group:
        group.create_task(processes.start("learners", source))
        group.create_task(processes.start("openings", webhook_networks=f'["{HOST}/32"]'))
        group.create_task(processes.start("matching"))
    doors = {service: ServiceClient(client, processes.url(service)) for service in SERVICES}
    return ServiceClients(doors["openings"], doors["learners"], doors["matching"], keys)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A match as it was proposed, the time of the learner's change that led to it, and how long that took."""

    key: EntryKey
    origin_at: datetime
    latency_ms: int

    def took_ms(self, arrived_at: datetime) -> float:
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

    @asynccontextmanager
    async def streamed(self, tokens: Sequence[str]) -> AsyncIterator[Window]:
        """Windows in which every employer listens to its stream."""
        async with StreamListener(self._processes.url("openings"), tokens) as listener:

            async def window(rate: int, seconds: float) -> dict[tuple[str, str], float]:
                proposed, reached = await self._flow(rate, seconds)
                streamed = await _arrived(proposed, lambda: listener.arrivals)
                matched = _percentiles([each.latency_ms for each in proposed])
                return _named(MEASURE, matched | reached) | _named(STREAMED, streamed)

            yield window

    @asynccontextmanager
    async def received(self, tokens: Sequence[str]) -> AsyncIterator[Window]:
        """Windows in which every employer has a webhook. Sending them takes its share of the processors."""
        receipts = Receipts()
        async with answering(0, receipts.note) as port:
            for token in tokens:
                await self._register(token, f"http://{HOST}:{port}/hooks")

            async def window(rate: int, seconds: float) -> dict[tuple[str, str], float]:
                proposed, _ = await self._flow(rate, seconds)
                received = await _arrived(proposed, lambda: receipts.arrivals)
                matched = _percentiles([each.latency_ms for each in proposed])
                both = {"match": matched, "receipt": received}
                return _named(RECEIVED, {f"{what}: {name}": ms for what, each in both.items() for name, ms in each.items()})

            yield window

    async def _register(self, token: str, url: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        position = (await self._client.get(f"{self._feed}/snapshot", params={"limit": 1}, headers=headers)).json()["position"]
        wanted = {"url": url, "types": ["match.proposed"], "after": position}
        made = await self._client.post(f"{self._processes.url('openings')}/v1/webhooks", json=wanted, headers=headers)
        made.raise_for_status()

    @property
    def _feed(self) -> str:
        return f"{self._processes.url('openings')}/v1/feed"

    async def _flow(self, rate: int, seconds: float) -> tuple[Sequence[Proposed], dict[str, float]]:
        since, count = WallClock().now(), int(rate * seconds)
        flowed = await self._ask_source("flow", {"count": count, "rate": rate})
        await self._rest()
        proposed = await self._proposed(since)
        return proposed, {"rate reached": count / flowed["seconds"], "matches proposed": float(len(proposed))}

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


async def _arrived(proposed: Sequence[Proposed], arrivals: Callable[[], Mapping[EntryKey, datetime]]) -> dict[str, float]:
    """How long it took until what each employer was told of these matches had come."""

    async def have_all() -> bool:
        return arrivals().keys() >= {each.key for each in proposed}

    await until("what is told of all matches", have_all)
    return _percentiles([each.took_ms(arrivals()[each.key]) for each in proposed])


def _named(measure: str, values: Mapping[str, float]) -> dict[tuple[str, str], float]:
    return {(measure, name): value for name, value in values.items()}


def _percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    ascending = sorted(milliseconds)
    if not ascending:
        raise BenchStuck("the events of a window brought no match")
    return {name: float(ascending[-(-percent * len(ascending) // 100) - 1]) for name, percent in PERCENTILES.items()}
