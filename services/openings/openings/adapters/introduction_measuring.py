"""Tells operators how many introductions wait for an answer, and for how long."""

from collections.abc import Awaitable, Callable

from sqlmodel import col, func, select

from contracts.introduction_status import IntroductionStatus
from makersync.clock import Clock
from makersync.store.database import Store
from makersync.telemetry import Metrics
from openings.adapters.introduction_tables import IntroductionRequestRow

_WAITING = select(
    func.count(), func.min(col(IntroductionRequestRow.asked_at)), func.min(col(IntroductionRequestRow.answer_by))
).where(col(IntroductionRequestRow.ended_at).is_(None), col(IntroductionRequestRow.standing) == IntroductionStatus.ASKED.value)


def measuring_introductions(store: Store, clock: Clock, metrics: Metrics) -> Callable[[], Awaitable[None]]:
    """The step sets the gauges of this process, which are the same in each. An index on the end of introductions
    spares it those that have ended."""

    async def measure() -> None:
        async with store.reading() as session:
            waiting, oldest, answer_by = (await session.exec(_WAITING)).one()
        metrics.introductions_waiting.set(waiting)
        age_s = 0.0 if oldest is None else (clock.now() - oldest).total_seconds()
        metrics.introductions_oldest_seconds.set(max(age_s, 0.0))
        days = 0 if answer_by is None else (clock.today() - answer_by).days
        metrics.introductions_overdue_days.set(max(days, 0))

    return measure
