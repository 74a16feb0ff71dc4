"""Reads how many introductions wait for an answer, and for how long."""

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.introduction_status import IntroductionStatus
from learners.adapters.introduction_tables import IntroductionRow
from makersync.runtime.introductions import WaitingIntroductions

_WAITING = select(func.count(), func.min(col(IntroductionRow.asked_at)), func.min(col(IntroductionRow.answer_by))).where(
    col(IntroductionRow.status) == IntroductionStatus.ASKED.value
)


async def waiting_introductions(session: AsyncSession) -> WaitingIntroductions:
    """An index on where introductions stand spares it the others."""
    return WaitingIntroductions(*(await session.exec(_WAITING)).one())
