"""What a small market keeps grows with what is in it, not with the number of events that have passed through.

`MAKERSYNC_SOAK=200000` runs that many events, checks the memory as well, and prints what it found.
"""

import os
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from service_world import CREDENTIALS, MARKET_LOOP, NEIGHBOUR, ZIP, World, award
from sqlmodel import col, func, select

from makersync.effects.lease import acquire
from makersync.effects.owner import Owner
from makersync.effects.relay import Relay
from makersync.store.tables import OutboxRow
from matching.adapters import history_repository
from matching.adapters.cell_tables import CellRow
from matching.adapters.consuming.market import MarketWork
from matching.adapters.history_tables import CellDayRow, OpeningLifeRow
from matching.adapters.indicator_tables import CellIndicatorsRow
from matching.adapters.match_tables import MatchRow
from matching.adapters.pathway_tables import PathwayRow
from matching.adapters.reach_tables import PublishedCountsRow
from matching.adapters.region_tables import RegionRow
from matching.adapters.subject_tables import SubjectRow
from matching.domain.engine import region_engine
from matching.domain.market import catalog
from matching.domain.pathways import published
from matching.domain.reach import published as published_reach
from matching.domain.region import match_versions

SOAK = "MAKERSYNC_SOAK"
EVENTS = int(os.environ.get(SOAK, "6000"))
WAVE, DAYS_A_WAVE = 500, 5
OPENINGS, LEARNERS, FEWEST = 30, 60, 50
LONG, VERSION_BYTES = 40_000, 500
PROVIDED = tuple(f"test:c{number:02}" for number in range(20))
FLAT = (MatchRow, PathwayRow, PublishedCountsRow, CellRow, CellDayRow, CellIndicatorsRow, OpeningLifeRow, RegionRow)
pytestmark = pytest.mark.timeout(0)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Runs on SQLite alone, because the number of rows does not depend on the database."""
    return f"sqlite+aiosqlite:///{tmp_path}/soak.sqlite"


@pytest.fixture
def short_memories(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a market that is as much larger as this one is smaller."""
    monkeypatch.setattr(match_versions, "FEWEST_ENDED", FEWEST)
    monkeypatch.setattr(published, "FEWEST_ENDED", FEWEST)
    monkeypatch.setattr(published_reach, "FEWEST_ENDED", FEWEST)
    monkeypatch.setattr(region_engine, "FEWEST_NUMBERS", 256)
    monkeypatch.setattr(history_repository, "KEPT_DAYS", 20)
    monkeypatch.setattr(catalog, "_REMEMBERED", 1024)
    yield


class Soak:
    """Openings are published, revised, filled and replaced by others; learners earn, lose, move and leave."""

    def __init__(self, world: World) -> None:
        self.world, self.rng = world, Random(7)
        self.openings = [f"job-{number}" for number in range(OPENINGS)]
        self.learners = [f"ann-{number}" for number in range(LEARNERS)]
        self.published = 0
        self.ids: set[str] = set()

    async def wave(self, events: int) -> None:
        for _ in range(events):
            await (self.opening() if self.rng.random() < 0.4 else self.learner())
        await self.world.settle()
        self.world.clock.move_to(self.world.clock.now() + timedelta(days=DAYS_A_WAVE))
        await self.world.settle()
        await self.publish()

    async def opening(self) -> None:
        place = self.rng.randrange(OPENINGS)
        opening_id = self.openings[place]
        asked = self.rng.sample(PROVIDED, 3)
        groups = [
            {"id": "g", "necessity": "required", "any_of": [{"credential": each} for each in asked]},
            {
                "id": "p",
                "necessity": "preferred",
                "any_of": [{"credential": CREDENTIALS[0]}],
                "weight": self.rng.choice((1, 10)),
            },
        ]
        ends = self.rng.random() < 0.3
        closes_on = (self.world.clock.today() + timedelta(days=self.rng.randint(0, 20))).isoformat()
        changes = {"zip": self.rng.choice((ZIP, NEIGHBOUR)), "groups": groups, "closes_on": closes_on, "positions": 2}
        await self.world.opening(opening_id, "OpeningRevised", **changes, status="closed" if ends else "open")
        self.ids.add(opening_id)
        if ends:
            self.published += 1
            self.openings[place] = f"job-{OPENINGS + self.published}"

    async def learner(self) -> None:
        place = self.rng.randrange(LEARNERS)
        learner_id = self.learners[place]
        self.ids.add(learner_id)
        if self.rng.random() < 0.1:
            await self.world.gone(learner_id, self.rng.choice(("LearnerErased", "LearnerWithdrawn")))
            self.published += 1
            self.learners[place] = f"ann-{LEARNERS + self.published}"
            return
        held = self.rng.sample(PROVIDED, self.rng.randint(1, 3))
        awards = [award(each, award_id=f"{learner_id}-{each}") for each in held]
        reach = self.rng.randint(20, 60)
        await self.world.learner(learner_id, *awards, seeking=self.rng.random() < 0.9, reach_km=reach)

    async def publish(self) -> None:
        world = self.world
        owner = Owner("relay", world.store, world.clock, world.context.metrics)
        async with world.store.transaction() as session:
            lease = await acquire(session, world.clock, "matching.relay", "relay", 60.0)
        assert lease is not None
        relay = Relay(owner, world.broker, lease, 60.0, 1.0)
        while await relay.publish_batch(1000):
            pass

    async def rows(self) -> dict[str, int]:
        async with self.world.store.reading() as session:
            return {
                table.__name__: (await session.exec(select(func.count()).select_from(table))).one()
                for table in (*FLAT, SubjectRow, OutboxRow)
            }

    async def outbox_keys(self) -> int:
        async with self.world.store.reading() as session:
            keys = select(col(OutboxRow.topic), col(OutboxRow.key)).distinct().subquery()
            return (await session.exec(select(func.count()).select_from(keys))).one()

    def sizes(self) -> dict[str, int]:
        """What the market and its engine keep."""
        [loop] = [each for each in self.world.loops if each.name == MARKET_LOOP]
        works = [held._work for held in loop.held.values() if isinstance(held._work, MarketWork)]
        [(work, region)] = [(each, market) for each in works for market in each._loaded.markets.values()]
        engine, pathways = region._engine, work._pathways._published[region.region]
        return {
            "numbers of openings": engine.openings.numbers,
            "numbers of learners": engine.learners.numbers,
            "places of openings": engine.openings.room,
            "places of learners": len(engine.learners.ids),
            "closing days": len(engine._live._ids),
            "openings known": len(region._openings._subjects),
            "live pairs": region._matches._live_count,
            "ended pairs": region._matches._ended_count,
            "openings with matches": len(region._matches._live),
            "pathways": len(pathways._published) + len(pathways._ended),
        }


@pytest.mark.slow
@pytest.mark.usefixtures("short_memories")
async def test_a_small_market_stays_small_whatever_goes_through_it(world: World) -> None:
    for credential in PROVIDED:
        await world.credential(credential)
    soak, found = Soak(world), list[dict[str, int]]()
    waves = EVENTS // WAVE
    if SOAK in os.environ:
        tracemalloc.start()
    for wave in range(waves):
        await soak.wave(WAVE)
        found.append(soak.sizes() | await soak.rows())
        if SOAK in os.environ and (wave % 10 == 9 or wave == waves - 1):
            found[-1]["bytes"] = allocated()
            print((wave + 1) * WAVE, found[-1], flush=True)
    assert all(each["ended pairs"] <= max(FEWEST, each["live pairs"]) for each in found)
    grows = {"SubjectRow", "OutboxRow", "bytes", "live pairs", "ended pairs"}
    early, late = found[waves // 4 : waves // 2 + 1], found[waves // 2 :]
    for name in found[0].keys() - grows:
        assert max(each[name] for each in late) <= 1.25 * max(each[name] for each in early) + 10, name
    assert found[-1]["SubjectRow"] == len(soak.ids)
    assert found[-1]["OutboxRow"] == await soak.outbox_keys()
    if waves * WAVE >= LONG:
        # Caches of what is asked and held are full by a quarter. A subject that has ended leaves its version behind.
        assert found[-1]["bytes"] <= 1.25 * max(each.get("bytes", 0) for each in early) + VERSION_BYTES * len(soak.ids)


def allocated() -> int:
    """What the rules and the engine hold, without what the test's broker and database hold."""
    [kept] = [tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(inclusive=True, filename_pattern="*/matching/*")])]
    return sum(each.size for each in kept.statistics("filename") if "/tests/" not in each.traceback[0].filename)
