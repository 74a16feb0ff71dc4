"""The regions of this service: what is live in each, and the versions above which its pairs, pathways and reach continue."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import Row, upsert
from matching.adapters.cell_tables import WITH_LEVEL, CellRow
from matching.adapters.match_tables import MatchRow
from matching.adapters.region_tables import RegionRow
from matching.adapters.subject_tables import SubjectRow


@dataclass(frozen=True, slots=True)
class RegionCounts:
    """What is known of one region."""

    region: str
    openings: int
    learners: int
    matches: int
    cells: int


async def region_counts(session: AsyncSession, region: str | None = None) -> list[RegionCounts]:
    """Per region, by its id; of one region when given. Counted in partial indexes, whose conditions are these."""
    subjects = select(SubjectRow.region, SubjectRow.kind, func.count()).where(col(SubjectRow.ending).is_(None))
    matches = select(MatchRow.region, func.count()).where(col(MatchRow.live))
    cells = select(CellRow.region, func.count()).where(WITH_LEVEL)
    if region is not None:
        subjects = subjects.where(SubjectRow.region == region)
        matches, cells = matches.where(MatchRow.region == region), cells.where(CellRow.region == region)
    found = {(r, kind): n for r, kind, n in await session.exec(subjects.group_by(SubjectRow.region, SubjectRow.kind))}
    live = dict((await session.exec(matches.group_by(MatchRow.region))).all())
    levels = dict((await session.exec(cells.group_by(CellRow.region))).all())
    return [
        RegionCounts(r, found.get((r, "opening"), 0), found.get((r, "learner"), 0), live.get(r, 0), levels.get(r, 0))
        for r in sorted({region for region, _ in found} | live.keys() | levels.keys())
    ]


async def count_regions(session: AsyncSession) -> int:
    """Of how many regions something has been heard."""
    return (await session.exec(select(func.count()).select_from(RegionRow))).one()


@dataclass(frozen=True, slots=True)
class Floors:
    """The highest versions of pairs, of pathways and of reach that are not remembered one by one."""

    match: int = 0
    pathway: int = 0
    reach: int = 0


async def stored_floors(session: AsyncSession, partition: int) -> dict[str, Floors]:
    """The floors of each region of a partition number."""
    rows = (await session.exec(select(RegionRow).where(RegionRow.partition == partition))).all()
    return {row.region: Floors(row.match_floor, row.pathway_floor, row.reach_floor) for row in rows}


async def save_floors(session: AsyncSession, partition: int, floors: Mapping[str, Floors]) -> None:
    """Write new regions and floors that rose, in the transaction of what depends on them."""
    rows = [_region_row(region, partition, each) for region, each in sorted(floors.items())]
    await upsert(session, RegionRow, rows, ["region"])


async def add_regions(session: AsyncSession, partitions: Mapping[str, int]) -> None:
    """Add regions, with their partition numbers, of which no event has come."""
    rows = [_region_row(region, number, Floors()) for region, number in sorted(partitions.items())]
    # If an owner has written one meanwhile, its floors stay.
    await upsert(session, RegionRow, rows, ["region"], newer_by="match_floor")


def _region_row(region: str, partition: int, floors: Floors) -> Row:
    return {
        "region": region,
        "partition": partition,
        "match_floor": floors.match,
        "pathway_floor": floors.pathway,
        "reach_floor": floors.reach,
    }
