"""Writing entries: in the transaction of what they are about, without a position."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, null, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.feed.tables import FeedEntryRow
from makersync.store.upserts import insert_rows

#: Subjects in one statement: databases limit the number of parameters.
_SUBJECTS_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A change of `subject` that concerns an organisation. `occurred_at` is when it happened, UTC. Without data it says no more
    than that something happened, since it would be about a learner who is to be forgotten."""

    organisation_id: str
    type: str
    subject: str
    occurred_at: datetime
    data: Mapping[str, Any] | None

    @property
    def about(self) -> tuple[str, str]:
        """Whose entry it is, and its subject."""
        return self.organisation_id, self.subject


class FeedWriter:
    """Writes entries in the transaction of a session."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def record(self, entries: Sequence[NewEntry]) -> None:
        """Write the entries in order; entries of one subject are numbered in the order in which they were written."""
        now = self._clock.now()
        rows = [
            {
                "organisation_id": each.organisation_id,
                "type": each.type,
                "subject": each.subject,
                "occurred_at": each.occurred_at,
                "recorded_at": now,
                "data": each.data,
            }
            for each in entries
        ]
        await insert_rows(self._session, FeedEntryRow, rows)

    async def forget(self, subjects: Iterable[tuple[str, str]]) -> None:
        """Empty the entries about each (organisation, subject) that were written so far. Their positions stay."""
        whose = tuple_(col(FeedEntryRow.organisation_id), col(FeedEntryRow.subject))
        wanted = sorted(set(subjects))
        for start in range(0, len(wanted), _SUBJECTS_AT_ONCE):
            some = whose.in_(wanted[start : start + _SUBJECTS_AT_ONCE])
            await self._session.exec(update(FeedEntryRow).where(some).values(data=null()))

    async def forget_about(self, organisation_id: str, prefix: str) -> None:
        """Empty the organisation's entries about all subjects that begin so, as `forget` does."""
        about = col(FeedEntryRow.subject).startswith(prefix, autoescape=True)
        mine = (col(FeedEntryRow.organisation_id) == organisation_id, about)
        await self._session.exec(update(FeedEntryRow).where(*mine).values(data=null()))
