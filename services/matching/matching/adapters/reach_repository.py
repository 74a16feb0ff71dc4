"""Reach as it is stored: a digest of what was last published."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import and_, col, func, literal_column, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import upsert
from matching.adapters.reach_tables import PublishedCountsRow
from matching.adapters.subject_tables import SubjectRow
from matching.application.reaching import CountsAnnouncement
from matching.domain.reach.published import MOST_NEW_TERMS, CountedTerms, CountsRecord


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


async def openings_waiting_for_day(session: AsyncSession, day: date) -> int:
    """How many live openings have changed their terms so often on that day, the market's, that what was published is of earlier
    ones. Every other change is published at once, with the version that made it."""
    row, subject = PublishedCountsRow, SubjectRow
    # The number is no parameter, because a plan for every number could not use the index of those.
    often = (col(row.changes) >= literal_column(str(MOST_NEW_TERMS)), col(row.day) == day, col(row.digest).is_not(None))
    mine = and_(col(subject.region) == col(row.region), col(subject.subject_id) == col(row.subject_id))
    behind = (col(subject.document).is_not(None), col(subject.version) > col(row.subject_version))
    query = select(func.count()).select_from(row).join(subject, and_(col(subject.kind) == "opening", mine))
    return (await session.exec(query.where(*often, *behind))).one()


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
