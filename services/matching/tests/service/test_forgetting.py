"""Rows of what has ended are deleted, and versions still only grow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from service_world import REGION, World, award
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.adapters import forgetting
from matching.adapters.forgetting import forget_ended
from matching.adapters.indicator_repository import REDRAW_AFTER_S, REGIONS_PER_STEP, IndicatorDrawing
from matching.adapters.match_tables import MatchRow
from matching.adapters.pathway_tables import PathwayRow
from matching.adapters.region_repository import add_regions
from matching.adapters.region_tables import RegionRow
from matching.domain.pathways import published
from matching.domain.region import match_versions

KEPT = 30


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (match_versions, published):
        monkeypatch.setattr(module, "FEWEST_ENDED", 0)


async def count(world: World, table: type) -> int:
    async with world.store.reading() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def versions(world: World) -> list[tuple[str, int]]:
    return [(event.type.rpartition(".Match")[2], event.version) for event in await world.events() if ".Match" in event.type]


@pytest.mark.usefixtures("forgetful")
async def test_a_pair_whose_row_was_deleted_continues_above_its_last_version(world: World) -> None:
    await world.opening()
    await world.learner()
    await world.settle()
    await world.learner(seeking=False)
    await world.settle()
    assert await versions(world) == [("Proposed", 1), ("Withdrawn", 2)]
    assert await forget_ended(world.store, world.clock, KEPT) == 0
    world.clock.move_to(world.clock.now() + timedelta(days=KEPT + 1))
    await world.settle()
    await forget_ended(world.store, world.clock, KEPT)
    assert await count(world, MatchRow) == 0
    await world.learner()
    await world.settle()
    await world.stop()
    await world.start("matching-2")
    await world.learner(seeking=False)
    await world.settle()
    assert await versions(world) == [("Proposed", 3), ("Withdrawn", 4)]


async def test_a_row_that_still_holds_the_version_stays_however_old_it_is(world: World) -> None:
    await world.opening()
    await world.learner()
    await world.settle()
    await world.learner(seeking=False)
    world.clock.move_to(world.clock.now() + timedelta(days=10 * KEPT))
    await world.settle()
    assert await forget_ended(world.store, world.clock, KEPT) == 0
    assert await count(world, MatchRow) == 1


@pytest.mark.usefixtures("forgetful")
async def test_a_pair_that_ended_again_meanwhile_keeps_its_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: its version is above the floor, and the next owner of the partition would not know it."""
    await world.opening()
    await world.learner("ann")
    await world.learner("bob", award("osha:10"))
    await world.settle()
    await world.learner("ann", seeking=False)
    await world.gone("bob", "LearnerWithdrawn")
    await world.settle()
    world.clock.move_to(world.clock.now() + timedelta(days=KEPT + 1))
    find = forgetting._ended_pathways

    async def then_it_ends_again(session: AsyncSession) -> Sequence[Any]:
        found = await find(session)
        for module in (match_versions, published):
            monkeypatch.setattr(module, "FEWEST_ENDED", 1000)
        for seeking in (True, False):
            await world.learner("ann", seeking=seeking)
            await world.settle()
        await world.learner("bob", award("osha:10"))
        await world.settle()
        await world.gone("bob", "LearnerWithdrawn")
        await world.settle()
        monkeypatch.setattr(forgetting, "_ended_pathways", find)
        return found

    world.definition = replace(world.definition, periodic=lambda _context: [])
    monkeypatch.setattr(forgetting, "_ended_pathways", then_it_ends_again)
    await forget_ended(world.store, world.clock, KEPT)
    async with world.store.reading() as session:
        rows = [*(await session.exec(select(MatchRow))).all(), *(await session.exec(select(PathwayRow))).all()]
    assert [row.version for row in rows] == [4, 4]


@pytest.mark.usefixtures("forgetful")
async def test_a_pathway_whose_row_was_deleted_continues_above_its_last_version(world: World) -> None:
    await world.opening()
    await world.learner("ann", award("osha:10"))
    await world.settle()
    await world.gone("ann", "LearnerWithdrawn")
    await world.settle()
    await forget_ended(world.store, world.clock, KEPT)
    assert await count(world, PathwayRow) == 0
    await world.stop()
    await world.start("matching-2")
    await world.learner("ann", award("osha:10"))
    await world.settle()
    told = [(event.type, event.version) for event in await world.events() if ".Pathway" in event.type]
    assert told == [("matching.PathwayRefreshed", 1), ("matching.PathwayEnded", 2), ("matching.PathwayRefreshed", 3)]


async def test_regions_are_listed_as_their_events_arrive(world: World) -> None:
    await world.opening()
    await world.opening("elsewhere", region="remote", zip=None, remote=True)
    await world.settle()
    async with world.store.reading() as session:
        rows = (await session.exec(select(RegionRow).order_by(RegionRow.region))).all()
    assert [row.region for row in rows] == [REGION, "remote"]


async def test_a_region_is_drawn_by_one_process_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    regions = [f"region-{number}" for number in range(2 * REGIONS_PER_STEP)]
    async with world.store.transaction() as session:
        await add_regions(session, dict.fromkeys(regions, 0))
    drawn: list[str] = []

    async def note(_drawing: IndicatorDrawing, region: str, *_rest: object) -> None:
        drawn.append(region)

    monkeypatch.setattr(IndicatorDrawing, "_draw", note)
    drawings = [IndicatorDrawing(world.store, world.clock) for _ in range(3)]
    for drawing in drawings:
        await drawing.draw_due()
    assert sorted(drawn) == regions
    world.pass_seconds(REDRAW_AFTER_S)
    await drawings[2].draw_due()
    assert drawn[2 * REGIONS_PER_STEP :] == regions[:REGIONS_PER_STEP]
