"""Totals of what the service holds, for operators."""

from collections.abc import Mapping

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.award_tables import AwardRow
from learners.adapters.introduction_tables import IntroductionRow
from learners.adapters.learner_tables import LearnerRow
from learners.adapters.signal_tables import SignalCountsRow, SignalRow


async def count_learners_by_seeking(session: AsyncSession) -> Mapping[bool, int]:
    statement = select(LearnerRow.seeking, func.count()).group_by(col(LearnerRow.seeking))
    return dict((await session.exec(statement)).all())


async def count_awards_by_status(session: AsyncSession) -> Mapping[str, int]:
    statement = select(AwardRow.status, func.count()).group_by(col(AwardRow.status))
    return dict((await session.exec(statement)).all())


async def count_introductions_by_status(session: AsyncSession) -> Mapping[str, int]:
    statement = select(IntroductionRow.status, func.count()).group_by(col(IntroductionRow.status))
    return dict((await session.exec(statement)).all())


async def count_signals_by_level(session: AsyncSession) -> Mapping[str, int]:
    statement = select(SignalRow.level, func.count()).group_by(col(SignalRow.level))
    return dict((await session.exec(statement)).all())


async def count_signals_by_kind(session: AsyncSession) -> Mapping[str, int]:
    """Every signal that ever arrived, by the type of its event."""
    statement = select(SignalCountsRow.kind, func.sum(SignalCountsRow.total)).group_by(col(SignalCountsRow.kind))
    return {kind: int(total) for kind, total in (await session.exec(statement)).all()}
