"""Matches as they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Raw
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import Row, upsert
from matching.adapters.match_events import facts_of
from matching.adapters.match_tables import MatchRow
from matching.adapters.past_tables import MatchPastRow
from matching.application.settling import MatchAnnouncement
from matching.domain.rules.matches import RankedMatch
from matching.domain.rules.shortlist import order_key

TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Settled:
    """Where and when matches were settled, and by how many definitions of the catalog. Where the day `ended`, what follows from
    the next day is settled a tick later."""

    partition: int
    at: datetime
    catalog_offset: int
    ended: date | None = None

    def moment_of(self, day: date) -> datetime:
        """When what is true on this day was settled."""
        return self.at if self.ended is None or day <= self.ended else self.at + TICK


def match_rows(announced: Sequence[MatchAnnouncement], documents: Sequence[Raw], settled: Settled) -> list[dict[str, Any]]:
    """The rows of matches that changed; each has its document at the same place in `documents`."""
    return [_match_row(settled, each, document) for each, document in zip(announced, documents, strict=True)]


async def save_matches(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Write the matches that changed."""
    await upsert(session, MatchRow, rows, ["opening_id", "learner_id"], newer_by="version")


def _match_row(settled: Settled, announced: MatchAnnouncement, document: Raw) -> dict[str, Any]:
    record = announced.change.record
    return {
        "opening_id": record.opening_id,
        "learner_id": record.learner_id,
        "region": announced.region,
        "partition": settled.partition,
        "version": record.version,
        "live": record.live,
        "ended_on": None if record.live else announced.change.day,
        "employer_id": announced.parties.employer_id,
        "provider_id": announced.parties.provider_id,
        "document": document,
        "learner_version": announced.change.learner_version,
        "catalog_offset": settled.catalog_offset,
        "applied_at": settled.moment_of(announced.change.day),
    }


async def live_matches(session: AsyncSession, region: str | None = None) -> list[RankedMatch]:
    """The live matches with their ranks (MARKET.md section 9), by opening and learner id."""
    query = select(MatchRow).where(col(MatchRow.live))
    if region is not None:
        query = query.where(MatchRow.region == region)
    by_opening: dict[str, list[MatchRow]] = {}
    for row in (await session.exec(query)).all():
        by_opening.setdefault(row.opening_id, []).append(row)
    all_ranked = [match for rows in by_opening.values() for match in ranked(rows)]
    return sorted(all_ranked, key=lambda match: (match.opening_id, match.learner_id))


async def shortlist_of(session: AsyncSession, opening_id: str) -> list[RankedMatch]:
    """The live matches of an opening, best first."""
    query = select(MatchRow).where(MatchRow.opening_id == opening_id, col(MatchRow.live))
    return ranked((await session.exec(query)).all())


def ranked(rows: Sequence[MatchRow | MatchPastRow]) -> list[RankedMatch]:
    """Live matches of one opening with their ranks, best first."""
    facts = [(row, facts_of(row.document)) for row in rows]
    facts.sort(key=lambda each: order_key(each[1].score, each[1].seeking_since, each[0].learner_id))
    return [RankedMatch(row.opening_id, row.learner_id, rank, fact) for rank, (row, fact) in enumerate(facts, start=1)]
