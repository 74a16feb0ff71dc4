"""The notices of closing dates: which were given, and the entries of the feed that give them."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import and_, col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.vocabulary import OpeningStatus
from makersync.clock import Clock
from makersync.feed.entries import FeedWriter, NewEntry
from makersync.store.upserts import upsert
from openings.adapters.opening_repository import opening_of
from openings.adapters.opening_tables import EndingNoticeRow, OpeningRow
from openings.domain.opening import Opening

ENDING = "opening.ending"


class EndingNoticesInFeed:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def claim_due(self, today: date, days: int, most: int) -> Sequence[Opening]:
        same = and_(
            col(EndingNoticeRow.opening_id) == col(OpeningRow.opening_id),
            col(EndingNoticeRow.closes_on) == col(OpeningRow.closes_on),
            col(EndingNoticeRow.days) == days,
        )
        closes_on = col(OpeningRow.closes_on)
        soon = (
            col(OpeningRow.status) == OpeningStatus.OPEN.value,
            closes_on >= today,
            closes_on <= today + timedelta(days=days),
        )
        due = select(OpeningRow).where(*soon, ~exists().where(same)).order_by(closes_on, col(OpeningRow.opening_id)).limit(most)
        return [opening_of(row) for row in await self._session.exec(due.with_for_update(skip_locked=True))]

    async def give(self, opening: Opening, today: date, days: Sequence[int]) -> None:
        closes_on = opening.terms.closes_on
        assert closes_on is not None, "an opening without a closing date is never due"
        rows = [{"opening_id": opening.opening_id, "closes_on": closes_on, "days": each} for each in days]
        await upsert(self._session, EndingNoticeRow, rows, ["opening_id", "closes_on", "days"])
        data = {
            "opening_id": opening.opening_id,
            "title": opening.terms.title,
            "closes_on": closes_on.isoformat(),
            "days": (closes_on - today).days,
            "version": opening.version,
        }
        entry = NewEntry(opening.employer_id, ENDING, opening.opening_id, self._clock.now(), data)
        await FeedWriter(self._session, self._clock).record([entry])
