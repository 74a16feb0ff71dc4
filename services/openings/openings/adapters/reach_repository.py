"""The newest counts in the database: the consumer of `matching.reach.v1` writes them, employers read them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import upsert
from openings.adapters.opening_tables import OpeningRow
from openings.adapters.reach_rows import reach_of
from openings.adapters.reach_tables import DraftRow, ReachRow
from openings.domain.reach import CountBounds, OpeningReach

#: Rows deleted in one statement, so that no transaction grows long.
_DROPPED_AT_ONCE = 2000


class ReachRepository:
    """It has no scope: whoever asks for the counts of an opening must have read that opening as the caller first."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, subject_id: str) -> OpeningReach | None:
        """None when nothing is counted, or not yet."""
        row = await self._session.get(ReachRow, subject_id, populate_existing=True)
        return None if row is None or row.counted is None else reach_of(row.counted)

    async def near_misses(self, opening_ids: Collection[str]) -> dict[str, CountBounds]:
        """Of those that are counted for."""
        return {opening_id: reach.near_misses for opening_id, reach in (await self.of_all(opening_ids)).items()}

    async def of_all(self, opening_ids: Collection[str]) -> dict[str, OpeningReach]:
        """Of those that are counted for."""
        rows = await self._session.exec(select(ReachRow).where(col(ReachRow.subject_id).in_(opening_ids)))
        return {row.subject_id: reach_of(row.counted) for row in rows if row.counted is not None}

    async def versions(self, subject_ids: Collection[str]) -> dict[str, int]:
        known = select(ReachRow.subject_id, ReachRow.version).where(col(ReachRow.subject_id).in_(subject_ids))
        return dict((await self._session.exec(known)).all())

    async def owners(self, subject_ids: Collection[str]) -> dict[str, str]:
        """The employer of each opening and draft that this service has."""
        openings = select(OpeningRow.opening_id, OpeningRow.employer_id).where(col(OpeningRow.opening_id).in_(subject_ids))
        drafts = select(DraftRow.draft_id, DraftRow.employer_id).where(col(DraftRow.draft_id).in_(subject_ids))
        return dict((await self._session.exec(openings)).all()) | dict((await self._session.exec(drafts)).all())

    async def keep(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write each row unless a newer version of its subject is stored."""
        await upsert(self._session, ReachRow, rows, ["subject_id"], newer_by="version")

    async def drop_ended(self, before: datetime) -> int:
        """Delete some of the rows that ended before that time, versions included. Returns how many; 0 when none are left."""
        ended = select(ReachRow.subject_id).where(col(ReachRow.ended_at) < before).limit(_DROPPED_AT_ONCE)
        return int((await self._session.exec(delete(ReachRow).where(col(ReachRow.subject_id).in_(ended)))).rowcount)
