"""Detects a process clock that is far from the database's: its date is ignored, and readiness reports it until the clock is
corrected."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta

import structlog
from sqlmodel import col, select

from makersync.clock import CheckedClock, Clock
from makersync.errors import OperatorError, RetryLater
from makersync.store.database import Store
from makersync.store.database_time import read_database_time
from makersync.store.tables import FenceRow
from makersync.telemetry import Metrics
from makersync.waiting import pause

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 5.0


class DayWatch:
    """Compares a process's clock, and the dates in its fence rows, with the database's time. Does nothing unless the clock is a
    CheckedClock."""

    def __init__(self, service: str, store: Store, clock: Clock, metrics: Metrics) -> None:
        self._service, self._store, self._metrics = service, store, metrics
        self._clock = clock if isinstance(clock, CheckedClock) else None
        self._problem = ""

    async def watch(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set."""
        while not stop.is_set():
            with suppress(RetryLater):
                await self.look()
            await pause(stop, LOOK_EVERY_S)

    async def look(self) -> None:
        """Raises DatabaseAway."""
        if self._clock is None:
            return
        async with self._store.reading() as session:
            self._clock.compare(await read_database_time(session, self._clock))
            too_late = (await session.exec(select(FenceRow).where(col(FenceRow.day) > self._clock.latest))).all()
        self._metrics.day_ahead_days.set(self._clock.days_ahead)
        wrong = [*_problem_of(self._clock), *_problem_of_partitions(too_late, self._service, self._clock.date_there)]
        problem = "; ".join(wrong)
        if problem != self._problem:
            log.error("date_rejected" if problem else "date_accepted_again", problem=problem)
        self._problem = problem

    async def check(self) -> None:
        """Raises OperatorError with the difference and the remedy."""
        if self._problem:
            raise OperatorError(self._problem)


def _problem_of(clock: CheckedClock) -> list[str]:
    if clock.is_believed:
        return []
    there, ahead = clock.date_there, clock.days_ahead
    if ahead < 0:
        return [
            f"This process's date is {there + timedelta(days=ahead)}, {-ahead} days behind the database's ({there}): it is not "
            "believed, and days pass by the database's. Set the host's clock right"
        ]
    return [
        f"This process's date is {there + timedelta(days=ahead)}, {ahead} days ahead of the database's ({there}): it is not "
        "believed, and no day passes by it. Set the host's clock right, or MAKERSYNC_DAY_FILE; only a rehearsal sets "
        "MAKERSYNC_DAY_AHEAD_MAX"
    ]


def _problem_of_partitions(rows: Sequence[FenceRow], service: str, there: date) -> list[str]:
    if not rows:
        return []
    numbers = ", ".join(str(number) for number in sorted(row.partition for row in rows))
    return [
        f"Partitions {numbers} stand on a date up to {max(row.day for row in rows if row.day)}, which has not come: what ends "
        f"before it has lapsed. Run `makersync {service} set-day {there}`"
    ]
