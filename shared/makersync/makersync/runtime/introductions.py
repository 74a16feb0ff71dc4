"""Introductions that wait for an answer in a service through which they pass: how many, and for how long."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.runtime.service import Context


@dataclass(frozen=True, slots=True)
class WaitingIntroductions:
    """How many wait for an answer; when the oldest was asked for, and by when the earliest is to be answered."""

    count: int
    oldest: datetime | None
    answer_by: date | None

    def days_overdue(self, today: date) -> int:
        """Since the earliest was to be answered or to lapse."""
        return 0 if self.answer_by is None else max((today - self.answer_by).days, 0)


def measuring_introductions(
    context: Context, waiting: Callable[[AsyncSession], Awaitable[WaitingIntroductions]]
) -> Callable[[], Awaitable[None]]:
    """The step sets the gauges of this process, which are the same in each, to what `waiting` reads."""
    clock, metrics = context.clock, context.metrics

    async def measure() -> None:
        async with context.store.reading() as session:
            now_waiting = await waiting(session)
        metrics.introductions_waiting.set(now_waiting.count)
        age_s = 0.0 if now_waiting.oldest is None else (clock.now() - now_waiting.oldest).total_seconds()
        metrics.introductions_oldest_seconds.set(max(age_s, 0.0))
        metrics.introductions_overdue_days.set(now_waiting.days_overdue(clock.today()))

    return measure
