"""The regions of this service: which there are, and above what their pairs and pathways go on."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.database import upsert
from matching.adapters.tables import RegionRow


@dataclass(frozen=True, slots=True)
class Floors:
    """The highest versions that are not remembered one by one: of pairs, and of pathways."""

    match: int = 0
    pathway: int = 0


async def stored_floors(session: AsyncSession, partition: int) -> dict[str, Floors]:
    """Of each region of a partition number."""
    rows = (await session.exec(select(RegionRow).where(RegionRow.partition == partition))).all()
    return {row.region: Floors(row.match_floor, row.pathway_floor) for row in rows}


async def save_floors(session: AsyncSession, partition: int, floors: Mapping[str, Floors]) -> None:
    """Write new regions, and floors that rose, in the transaction of what rests on them."""
    rows = [
        {"region": region, "partition": partition, "match_floor": each.match, "pathway_floor": each.pathway}
        for region, each in sorted(floors.items())
    ]
    await upsert(session, RegionRow, rows, ["region"])


async def add_regions(session: AsyncSession, partitions: Mapping[str, int]) -> None:
    """Regions, with their partition numbers, that are remembered without having been told of."""
    rows = [
        {"region": region, "partition": number, "match_floor": 0, "pathway_floor": 0}
        for region, number in sorted(partitions.items())
    ]
    # Where an owner has written one meanwhile, its floors stay.
    await upsert(session, RegionRow, rows, ["region"], newer_by="match_floor")
