"""Measure 4: messages of one webhook to one receiver, beside a bare httpx loop."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_network
from typing import Any

import httpx
import orjson

from demo.running.supervisor import Program, Supervisor
from makersync.clock import WallClock
from makersync.delivery.claiming import ClaimTerms
from makersync.delivery.outbound import Outbound
from makersync.delivery.repository import add_secret
from makersync.delivery.sealing import Seal
from makersync.delivery.sender import Sender, SenderParts
from makersync.delivery.signing import Signing
from makersync.delivery.tables import DeliveryModel, WebhookRow
from makersync.effects.lease import acquire
from makersync.feed.entries import FeedWriter, NewEntry
from makersync.feed.numbering import Numbering
from makersync.feed.tables import FeedModel
from makersync.store.database import Store
from makersync.store.tables import KitModel
from tests.performance.figures import Figure, ratio
from tests.performance.printing import Told
from tests.performance.processes import PATIENCE, ROOT
from tests.performance.receiving import HOST
from tests.performance.sizes import Sizes
from tests.performance.stages import Stage
from tests.performance.waiting import until
from tests.servers.finding import free_port

MEASURE, UNIT = "webhooks", "messages/s"
#: Attempts under way at a time, as `MAKERSYNC_WEBHOOK_IN_FLIGHT` is by default.
IN_FLIGHT = 4
ORGANISATION, WEBHOOK = "emp_bench", "whk_bench"
LEASE_S = 600.0
WARM_UP = 20
_STATE = {"opening_id": "opn_bench", "score": 8000, "rank": 3, "reasons": ["holds what is required"] * 8, "verified": True}


async def measure_webhooks(stage: Stage, sizes: Sizes, told: Told) -> Sequence[Figure]:
    """Rounds in turn: bare, then the sender, with as many messages of the same size to the same receiver."""
    rates: dict[str, list[float]] = {"bare": [], "sender": []}
    async with _receiver(stage) as url, _opened_feed(stage, url) as feed:
        await feed.bare_round(url, WARM_UP)
        await feed.sender_round(WARM_UP)
        for number in range(sizes.rounds):
            told(f"{stage.profile}: webhooks beside a bare httpx loop, round {number + 1} of {sizes.rounds}")
            rates["bare"].append(await feed.bare_round(url, sizes.messages))
            rates["sender"].append(await feed.sender_round(sizes.messages))
    bare, sender = (Figure(MEASURE, CASES[name], UNIT, tuple(found)) for name, found in rates.items())
    return [bare, sender, ratio(MEASURE, "sender / bare", sender, bare)]


CASES = {"bare": "bare httpx loop", "sender": "one webhook: leased, signed, recorded"}


@dataclass(slots=True)
class WebhookFeed:
    """One webhook with all that a sender needs."""

    store: Store
    made: int = 0
    delivered: int = 0
    clock: WallClock = field(default_factory=WallClock)
    seal: Seal = field(default_factory=lambda: Seal(b"a pepper for measuring, 32 bytes or more"))

    async def bare_round(self, url: str, count: int) -> float:
        """The same body again and again, over connections that stay open."""
        body, numbers = orjson.dumps({"type": "match.proposed", "data": _entry(0)}), iter(range(count))

        async def post_some(client: httpx.AsyncClient) -> None:
            for _ in numbers:
                (await client.post(url, content=body)).raise_for_status()

        async with httpx.AsyncClient(trust_env=False) as client:
            begun = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                for _ in range(IN_FLIGHT):
                    group.create_task(post_some(client))
            return count / (time.perf_counter() - begun)

    async def sender_round(self, count: int) -> float:
        """From the start of a sender, before which the entries have their positions, until all are recorded as delivered."""
        await self._fill(count)
        outbound = Outbound([ip_network(f"{HOST}/32")])
        parts = SenderParts(self.store, self.clock, self.seal, outbound, self._count)
        stop, wanted = asyncio.Event(), self.delivered + count

        async def is_done() -> bool:
            return running.done() or self.delivered >= wanted

        begun = time.perf_counter()
        running = asyncio.create_task(Sender(parts, ClaimTerms("bench", IN_FLIGHT)).run(stop))
        await until(f"{count} messages delivered", is_done)
        stop.set()
        await running
        return count / (time.perf_counter() - begun)

    def _count(self, outcome: str) -> None:
        self.delivered += outcome == "delivered"

    async def _fill(self, count: int) -> None:
        now, numbers = self.clock.now(), range(self.made, self.made + count)
        self.made += count
        entries = [NewEntry(ORGANISATION, "match.proposed", f"opn_bench/lrn_{each}", now, _entry(each)) for each in numbers]
        async with self.store.transaction() as session:
            await FeedWriter(session, self.clock).record(entries)
        async with self.store.transaction() as session:
            lease = await acquire(session, self.clock, "bench.relay", "bench", LEASE_S)
        assert lease is not None
        numbering = Numbering(self.store, self.clock, lease, LEASE_S)
        while await numbering.number():
            pass

    async def register(self, url: str) -> None:
        now = self.clock.now()
        row = WebhookRow(
            id=WEBHOOK,
            organisation_id=ORGANISATION,
            url=url,
            description="",
            types=[],
            signing=Signing.HMAC,
            state="active",
            since=now,
            cursor=0,
            created_at=now,
        )
        async with self.store.transaction() as session:
            session.add(row)
            add_secret(session, self.seal, row, now)


def _entry(number: int) -> Mapping[str, Any]:
    return {"learner_id": f"lrn_{number}", "version": 1, **_STATE}


@asynccontextmanager
async def _opened_feed(stage: Stage, url: str) -> AsyncIterator[WebhookFeed]:
    store = Store(stage.new_database("webhooks"))
    try:
        async with store.engine.begin() as connection:
            for model in (KitModel, FeedModel, DeliveryModel):
                await connection.run_sync(model.metadata.create_all)
        feed = WebhookFeed(store)
        await feed.register(url)
        yield feed
    finally:
        await store.close()


@asynccontextmanager
async def _receiver(stage: Stage) -> AsyncIterator[str]:
    """In a process of its own, so that what it costs is not in the sender's."""
    port = free_port()
    url, command = f"http://{HOST}:{port}/hooks", (sys.executable, "-m", "tests.performance.receiving", str(port))
    environment = {"PYTHONPATH": str(ROOT)}
    async with Supervisor(lambda _sentence: None, PATIENCE) as supervisor, httpx.AsyncClient(trust_env=False) as client:
        await supervisor.start(Program("receiver", command, environment, stage.folder / "receiver.log"))
        try:
            await until("the receiver answers", partial(_answers, client, url), step_s=0.05)
            yield url
        finally:
            await supervisor.stop("receiver")


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.post(url, content=b"{}")).is_success
    except httpx.HTTPError:
        return False
