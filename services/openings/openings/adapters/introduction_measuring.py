"""Tells operators how many introductions wait for an answer, and for how long."""

from collections.abc import Awaitable, Callable

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.introduction_status import IntroductionStatus
from makersync.clock import Clock
from makersync.runtime.introductions import WaitingIntroductions
from makersync.store.database import Store
from makersync.telemetry import Metrics
from openings.adapters.introduction_tables import IntroductionRequestRow

_WAITING = select(
    func.count(), func.min(col(IntroductionRequestRow.asked_at)), func.min(col(IntroductionRequestRow.answer_by))
).where(col(IntroductionRequestRow.ended_at).is_(None), col(IntroductionRequestRow.standing) == IntroductionStatus.ASKED.value)


async def waiting_introductions(session: AsyncSession) -> WaitingIntroductions:
    return WaitingIntroductions(*(await session.exec(_WAITING)).one())


def measuring_introductions(store: Store, clock: Clock, metrics: Metrics) -> Callable[[], Awaitable[None]]:
    """The step sets the gauges of this process, which are the same in each. An index on the end of introductions
    spares it those that have ended."""

    async def measure() -> None:
        async with store.reading() as session:
            waiting = await waiting_introductions(session)
        metrics.introductions_waiting.set(waiting.count)
        age_s = 0.0 if waiting.oldest is None else (clock.now() - waiting.oldest).total_seconds()
        metrics.introductions_oldest_seconds.set(max(age_s, 0.0))
        metrics.introductions_overdue_days.set(waiting.days_overdue(clock.today()))

    return measure
