"""Measure 4: events a second through the whole matching service, one process, on a market of one region."""

import time
from collections.abc import Sequence
from pathlib import Path

from makersync.contracts.topics import CATALOG, LEARNER, OPENING
from makersync.effects.fence import stored
from makersync.effects.outbox import NewEvent
from makersync.store.database import Store
from matching.adapters.market_view import MARKET_CONSUMER
from matching.adapters.rules_copy import CATALOG_CONSUMER
from tests.performance.feeding import Feed, opened_feed
from tests.performance.figures import Figure
from tests.performance.markets import PARTITION, Pool, defined, local_openings, measured_market, published
from tests.performance.printing import Told
from tests.performance.processes import Processes
from tests.performance.sizes import Sizes
from tests.performance.stages import Stage
from tests.performance.waiting import until

MEASURE = "matching consumer"
UNIT = "events/s"
LOOK_S = 0.01
#: Long enough to publish a round's events while the process is paused.
SESSION_S = "10"


async def measure_throughput(stage: Stage, sizes: Sizes, told: Told) -> Sequence[Figure]:
    figures: list[Figure] = []
    for learners in sizes.markets:
        figures += await _measure_market(stage, sizes, learners, told)
    return figures


async def _measure_market(stage: Stage, sizes: Sizes, learners: int, told: Told) -> Sequence[Figure]:
    """The events wait in the topic before the process may read them: it is paused while they are published."""
    about = f"{stage.profile}: matching consumer, {learners:,} learners and {sizes.openings} openings"
    market = measured_market(sizes.openings, learners)
    pool = Pool(market)
    await stage.begin_log()
    folder: Path = stage.folder / f"matching-{learners}"
    async with stage.broker() as broker, opened_feed(stage, broker) as feed, Processes(stage, folder) as processes:
        told(f"{about}: starting")
        await feed.publish([*defined(market)])
        await feed.publish([published(draft) for draft in local_openings(market, sizes.openings)])
        await processes.prepare("matching")
        await processes.start("matching", session_timeout=SESSION_S)
        rig = Rig(processes, feed, Store(processes.databases["matching"]))
        try:
            await rig.await_market(sizes.openings)
            told(f"{about}: registering")
            registered = [await rig.timed(list(pool.registrations()))]
            changed = []
            for number in range(sizes.rounds):
                told(f"{about}: changes, round {number + 1} of {sizes.rounds}")
                changed.append(await rig.timed(list(pool.changes(min(learners, sizes.most_changes)))))
        finally:
            await rig.close()
    return [
        Figure(MEASURE, f"{learners:,} learners register", UNIT, tuple(registered)),
        Figure(MEASURE, f"changes among {learners:,} learners", UNIT, tuple(changed)),
    ]


class Rig:
    """The process under measurement, what feeds it, and its fence, which says how far it is."""

    def __init__(self, processes: Processes, feed: Feed, store: Store) -> None:
        self._processes, self._feed, self._store = processes, feed, store
        self._published = 0

    async def await_market(self, openings: int) -> None:
        """Until catalog and openings have been taken in."""

        async def is_there() -> bool:
            return await self._position(MARKET_CONSUMER, PARTITION, OPENING.name) >= openings

        await until("the openings are taken in", is_there, step_s=0.1)
        assert await self._position(CATALOG_CONSUMER, 0, CATALOG.name) > 0, "the market comes after the catalog"

    async def timed(self, events: Sequence[NewEvent]) -> float:
        """Events a second, from the moment the process may go on until its offsets have passed the last one."""
        self._published += len(events)
        await self._feed.fill(events)
        self._processes.pause("matching")
        try:
            await self._feed.empty()
        finally:
            begun = time.perf_counter()
            self._processes.resume("matching")
        await until(f"{len(events)} learner events through the matching consumer", self._is_done, step_s=LOOK_S)
        return len(events) / (time.perf_counter() - begun)

    async def close(self) -> None:
        await self._store.close()

    async def _is_done(self) -> bool:
        return await self._position(MARKET_CONSUMER, PARTITION, LEARNER.name) >= self._published

    async def _position(self, consumer: str, partition: int, topic: str) -> int:
        async with self._store.reading() as session:
            rows = await stored(session, consumer)
        return next((row.offsets.get(topic, 0) for row in rows if row.partition == partition), 0)
