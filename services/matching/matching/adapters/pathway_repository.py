"""Pathways as they are stored: a digest of each list that was last published."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import upsert
from matching.adapters.pathway_tables import PathwayRow
from matching.application.refreshing import PathwayAnnouncement
from matching.domain.pathways.published import PathwayRecord


async def stored_pathways(session: AsyncSession, partition: int) -> Mapping[str, Sequence[PathwayRecord]]:
    """The last pathways of a partition number's learners, by region; those that ended below the floors may be missing."""
    columns = select(PathwayRow.region, PathwayRow.learner_id, PathwayRow.version, PathwayRow.digest)
    records: dict[str, list[PathwayRecord]] = {}
    for region, learner_id, version, digest in await session.exec(columns.where(col(PathwayRow.partition) == partition)):
        stored = None if digest is None else bytes.fromhex(digest)
        records.setdefault(region, []).append(PathwayRecord(learner_id, version, stored))
    return records


async def save_pathways(session: AsyncSession, partition: int, announced: Sequence[PathwayAnnouncement]) -> None:
    """Write what was published; of a pathway that ended only the version is kept."""
    rows = [pathway_row(partition, each.change.region, each.change.record) for each in announced]
    await upsert(session, PathwayRow, rows, ["region", "learner_id"], newer_by="version")


def pathway_row(partition: int, region: str, record: PathwayRecord) -> dict[str, Any]:
    return {
        "region": region,
        "learner_id": record.learner_id,
        "partition": partition,
        "version": record.version,
        "digest": None if record.digest is None else record.digest.hex(),
    }
