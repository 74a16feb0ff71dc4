"""The feed of one organisation, read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.feed.tables import FeedEntryRow, FeedHeadRow, FeedProgressRow
from makersync.store.among import among


@dataclass(frozen=True, slots=True)
class Entry:
    """One change at its position. `data` is None once it is forgotten."""

    position: int
    type: str
    subject: str
    occurred_at: datetime
    data: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Outline:
    """What an entry is about, without what it says."""

    position: int
    type: str
    subject: str


@dataclass(frozen=True, slots=True)
class FeedHead:
    """An organisation's last position; the last one whose entry is no longer kept; and the moment up to which everything that
    has happened is at or before the last position, None while none is proved."""

    position: int = 0
    forgotten: int = 0
    complete_to: datetime | None = None

    def has_kept(self, after: int) -> bool:
        """Whether everything that follows this position is there; not, when it was never given out."""
        return self.forgotten <= after <= self.position


class FeedRepository:
    """The feed of the organisation that asks."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session, self._organisation_id = session, organisation_id

    async def head(self) -> FeedHead:
        return (await read_heads(self._session, [self._organisation_id]))[self._organisation_id]

    async def after(self, position: int, types: Collection[str], most: int) -> Sequence[Entry]:
        """The entries that follow, of these types or of all, at most so many."""
        rows = await self._session.exec(self._following(select(FeedEntryRow), position, types, most))
        return [Entry(row.position or 0, row.type, row.subject, row.occurred_at, row.data) for row in rows]

    async def outline(self, position: int, types: Collection[str], most: int) -> Sequence[Outline]:
        """The same entries, without what they say."""
        about = select(FeedEntryRow.position, FeedEntryRow.type, FeedEntryRow.subject)
        rows = await self._session.exec(self._following(about, position, types, most))
        return [Outline(*row) for row in rows]

    def _following(self, entries: Any, position: int, types: Collection[str], most: int) -> Any:
        mine = (col(FeedEntryRow.organisation_id) == self._organisation_id, col(FeedEntryRow.position) > position)
        wanted = (col(FeedEntryRow.type).in_(types),) if types else ()
        return entries.where(*mine, *wanted).order_by(col(FeedEntryRow.position)).limit(most)


async def read_heads(session: AsyncSession, organisation_ids: Collection[str]) -> Mapping[str, FeedHead]:
    """One for each of these organisations."""
    progress = await session.get(FeedProgressRow, 1)
    floor, complete_to = (0, None) if progress is None else (progress.floor, progress.complete_to)
    theirs = select(FeedHeadRow).where(among(session, col(FeedHeadRow.organisation_id), organisation_ids))
    heads = {
        row.organisation_id: FeedHead(row.position, max(row.forgotten, floor), complete_to)
        for row in await session.exec(theirs)
    }
    return {each: heads.get(each, FeedHead(floor, floor, complete_to)) for each in organisation_ids}
