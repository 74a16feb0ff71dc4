"""Tells operators how many introductions wait for an answer, and for how long."""

from collections.abc import Awaitable, Callable

from sqlmodel import col, func, select

from contracts.introduction_status import IntroductionStatus
from learners.adapters.introduction_tables import IntroductionRow
from makersync.clock import Clock
from makersync.store.database import Store
from makersync.telemetry import Metrics

_WAITING = select(func.count(), func.min(col(IntroductionRow.asked_at)), func.min(col(IntroductionRow.answer_by))).where(
    col(IntroductionRow.status) == IntroductionStatus.ASKED.value
)


def measuring_introductions(store: Store, clock: Clock, metrics: Metrics) -> Callable[[], Awaitable[None]]:
    """The step sets the gauges of this process, which are the same in each. An index on where introductions stand
    spares it the others."""

    async def measure() -> None:
        async with store.reading() as session:
            waiting, oldest, answer_by = (await session.exec(_WAITING)).one()
        metrics.introductions_waiting.set(waiting)
        age_s = 0.0 if oldest is None else (clock.now() - oldest).total_seconds()
        metrics.introductions_oldest_seconds.set(max(age_s, 0.0))
        days = 0 if answer_by is None else (clock.today() - answer_by).days
        metrics.introductions_overdue_days.set(max(days, 0))

    return measure
