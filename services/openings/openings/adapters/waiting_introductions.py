"""Reads how many introductions wait for an answer, and for how long."""

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.introduction_status import IntroductionStatus
from makersync.runtime.introductions import WaitingIntroductions
from openings.adapters.introduction_tables import IntroductionRequestRow

_WAITING = select(
    func.count(), func.min(col(IntroductionRequestRow.asked_at)), func.min(col(IntroductionRequestRow.answer_by))
).where(col(IntroductionRequestRow.ended_at).is_(None), col(IntroductionRequestRow.standing) == IntroductionStatus.ASKED.value)


async def waiting_introductions(session: AsyncSession) -> WaitingIntroductions:
    """An index on the end of introductions spares it those that have ended."""
    return WaitingIntroductions(*(await session.exec(_WAITING)).one())
