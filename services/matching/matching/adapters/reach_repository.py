"""Reach as it is stored: a digest of what was last published."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import upsert
from matching.adapters.reach_tables import PublishedCountsRow
from matching.application.reaching import CountsAnnouncement
from matching.domain.reach.published import CountedTerms, CountsRecord


async def stored_reach(session: AsyncSession, partition: int) -> Mapping[str, Sequence[CountsRecord]]:
    """What was last published in a partition number's regions, by region; what ended below the floors may be missing."""
    records: dict[str, list[CountsRecord]] = {}
    for row in (await session.exec(select(PublishedCountsRow).where(PublishedCountsRow.partition == partition))).all():
        records.setdefault(row.region, []).append(_record(row))
    return records


async def save_reach(session: AsyncSession, partition: int, announced: Sequence[CountsAnnouncement]) -> None:
    """Write what was published."""
    rows = [reach_row(partition, each.change.region, each.change.record) for each in announced]
    await upsert(session, PublishedCountsRow, rows, ["region", "subject_id"], newer_by="version")


def reach_row(partition: int, region: str, record: CountsRecord) -> dict[str, Any]:
    return {
        "region": region,
        "subject_id": record.subject_id,
        "partition": partition,
        "version": record.version,
        "subject_version": record.subject_version,
        "employer_id": record.employer_id,
        "is_draft": record.is_draft,
        "digest": None if record.digest is None else record.digest.hex(),
        "terms": None if record.terms.digest is None else record.terms.digest.hex(),
        "day": record.terms.day,
        "changes": record.terms.changes,
    }


def _record(row: PublishedCountsRow) -> CountsRecord:
    digest = None if row.digest is None else bytes.fromhex(row.digest)
    terms = CountedTerms(None if row.terms is None else bytes.fromhex(row.terms), row.day, row.changes)
    return CountsRecord(row.subject_id, row.version, row.subject_version, row.employer_id, row.is_draft, digest, terms)
