"""Matches as they are stored."""

from collections.abc import Sequence
from typing import Any

from msgspec import Raw
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import upsert
from matching.adapters.match_events import facts_of
from matching.adapters.match_tables import MatchRow
from matching.application.settling import MatchAnnouncement
from matching.domain.rules.matches import RankedMatch
from matching.domain.rules.shortlist import order_key


async def save_matches(
    session: AsyncSession, partition: int, announced: Sequence[MatchAnnouncement], documents: Sequence[Raw]
) -> None:
    """Write the matches that changed; each has its document at the same place in `documents`."""
    rows = [_match_row(partition, each, document) for each, document in zip(announced, documents, strict=True)]
    await upsert(session, MatchRow, rows, ["opening_id", "learner_id"], newer_by="version")


def _match_row(partition: int, announced: MatchAnnouncement, document: Raw) -> dict[str, Any]:
    record = announced.change.record
    return {
        "opening_id": record.opening_id,
        "learner_id": record.learner_id,
        "region": announced.region,
        "partition": partition,
        "version": record.version,
        "live": record.live,
        "ended_on": None if record.live else announced.change.day,
        "employer_id": announced.parties.employer_id,
        "provider_id": announced.parties.provider_id,
        "document": document,
    }


async def live_matches(session: AsyncSession, region: str | None = None) -> list[RankedMatch]:
    """The live matches with their ranks (MARKET.md section 9), by opening and learner id."""
    query = select(MatchRow).where(col(MatchRow.live))
    if region is not None:
        query = query.where(MatchRow.region == region)
    by_opening: dict[str, list[MatchRow]] = {}
    for row in (await session.exec(query)).all():
        by_opening.setdefault(row.opening_id, []).append(row)
    ranked = [match for rows in by_opening.values() for match in _ranked(rows)]
    return sorted(ranked, key=lambda match: (match.opening_id, match.learner_id))


async def shortlist_of(session: AsyncSession, opening_id: str) -> list[RankedMatch]:
    """The live matches of an opening, best first."""
    query = select(MatchRow).where(MatchRow.opening_id == opening_id, col(MatchRow.live))
    return _ranked((await session.exec(query)).all())


def _ranked(rows: Sequence[MatchRow]) -> list[RankedMatch]:
    facts = [(row, facts_of(row.document)) for row in rows]
    facts.sort(key=lambda each: order_key(each[1].score, each[1].seeking_since, each[0].learner_id))
    return [RankedMatch(row.opening_id, row.learner_id, rank, fact) for rank, (row, fact) in enumerate(facts, start=1)]
