"""Awards that are about to end: which there are, which notices were given, and the entries of the feed that give them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import and_, col, exists, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.vocabulary import AwardStatus, Evidence
from learners.adapters.award_tables import AwardRow, EndingAwardNoticeRow
from learners.adapters.feed_entries import ending_entry
from learners.adapters.learner_tables import LearnerRow
from learners.domain.award import EndingAward
from makersync.clock import Clock
from makersync.feed.entries import FeedWriter
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.upserts import upsert


class EndingAwardsInFeed:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def claim_due(self, today: date, days: int, most: int) -> Sequence[EndingAward]:
        expires_on = col(AwardRow.expires_on)
        same = and_(
            col(EndingAwardNoticeRow.award_id) == col(AwardRow.award_id),
            col(EndingAwardNoticeRow.expires_on) == expires_on,
            col(EndingAwardNoticeRow.days) == days,
        )
        due = _ending(today, days).where(~exists().where(same)).order_by(expires_on, col(AwardRow.award_id)).limit(most)
        claimed = due.with_for_update(key_share=True, skip_locked=True, of=(LearnerRow, AwardRow))
        return [_ending_award(row) for row in await self._session.exec(claimed)]

    async def give(self, award: EndingAward, today: date, days: Sequence[int]) -> None:
        rows = [{"award_id": award.award_id, "expires_on": award.expires_on, "days": each} for each in days]
        await upsert(self._session, EndingAwardNoticeRow, rows, ["award_id", "expires_on", "days"])
        await FeedWriter(self._session, self._clock).record([ending_entry(award, today, self._clock.now())])


async def list_ending_awards(
    session: AsyncSession, provider_id: str, today: date, days: int, page: PageRequest
) -> Page[EndingAward]:
    """The awards of the provider's learners that end in at most so many days, the first to end first."""
    own = _ending(today, days).where(col(LearnerRow.provider_id) == provider_id)
    return await page_of(session, own, Order((col(AwardRow.expires_on), col(AwardRow.award_id))), page, _ending_award)


def _ending(today: date, days: int) -> Any:
    """Awards in force with their learners, but for those that another award of the same credential outlives."""
    expires_on = col(AwardRow.expires_on)
    in_force = and_(
        col(AwardRow.status) == AwardStatus.ACTIVE.value,
        col(AwardRow.issued_on) <= today,
        expires_on > today,
        expires_on <= today + timedelta(days=days),
    )
    award = (AwardRow.award_id, AwardRow.learner_id, AwardRow.credential, AwardRow.evidence, AwardRow.expires_on)
    columns = select(*(col(each) for each in (*award, LearnerRow.provider_id, LearnerRow.version)))
    joined = columns.join(LearnerRow, col(LearnerRow.learner_id) == col(AwardRow.learner_id))
    return joined.where(in_force, ~exists().where(_outlives(today)))


def _outlives(today: date) -> Any:
    other: Any = aliased(AwardRow)
    return and_(
        other.learner_id == col(AwardRow.learner_id),
        other.credential == col(AwardRow.credential),
        other.status == AwardStatus.ACTIVE.value,
        other.issued_on <= today,
        or_(other.expires_on.is_(None), other.expires_on > col(AwardRow.expires_on)),
    )


def _ending_award(row: Any) -> EndingAward:
    return EndingAward(
        award_id=row.award_id,
        learner_id=row.learner_id,
        provider_id=row.provider_id,
        credential=row.credential,
        evidence=Evidence(row.evidence),
        expires_on=row.expires_on,
        learner_version=row.version,
    )
