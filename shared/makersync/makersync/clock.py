"""The one module that reads the wall clock; everything else is handed a `Clock`."""

import time
from datetime import UTC, date, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Time as the services see it."""

    def now(self) -> datetime:
        """The current instant, UTC, timezone-aware."""
        ...

    def today(self) -> date:
        """The market's date (UTC): the `d` of MARKET.md."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, for deadlines and durations."""
        ...


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.now().date()

    def monotonic(self) -> float:
        return time.monotonic()


class DayFileClock(WallClock):
    """The machine's clock, with the market's date read from a file that holds one ISO date.

    For rehearsals: several processes pass a day together the moment the file is replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def today(self) -> date:
        return date.fromisoformat(self._path.read_text(encoding="ascii").strip())


class BelievedClock:
    """A clock whose date is believed only where the database's time is near: one that is ahead for a moment would let awards
    and openings lapse, and results do not go back by themselves; one that is behind would keep on lists what has lapsed.

    `compare` tells it that time now and then. Until the first time the date is believed.
    """

    def __init__(self, clock: Clock, tolerance: int, most_behind: float = inf) -> None:
        """Both in days: how far ahead it may be, and how far behind."""
        self._clock, self._tolerance, self._most_behind = clock, tolerance, most_behind
        self._compared: tuple[datetime, float] | None = None
        self._last: date | None = None

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def today(self) -> date:
        """The date; one that is not believed has not come, or is long over: then the last that was, or the database's later
        one."""
        if self.is_believed:
            self._last = self._clock.today()
            return self._last
        return max(self._last or self.date_there, self.date_there)

    def compare(self, elsewhere: datetime) -> None:
        """`elsewhere` is the database's time now."""
        self._compared = elsewhere, self.monotonic()

    @property
    def date_there(self) -> date:
        """The database's; this clock's own before the first comparison."""
        if self._compared is None:
            return self._clock.today()
        elsewhere, at = self._compared
        return (elsewhere + timedelta(seconds=self.monotonic() - at)).date()

    @property
    def latest(self) -> date:
        """The latest date that is believed."""
        return self.date_there + timedelta(days=self._tolerance)

    @property
    def days_ahead(self) -> int:
        """By how many days the date is ahead of the database's; negative: behind."""
        return (self._clock.today() - self.date_there).days

    @property
    def is_believed(self) -> bool:
        return -self._most_behind <= self.days_ahead <= self._tolerance


class ManualClock:
    """A clock that stands still until it is moved; for tests."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._now

    def today(self) -> date:
        return self._now.date()

    def monotonic(self) -> float:
        return self._elapsed

    def move_to(self, now: datetime) -> None:
        self._elapsed += max(0.0, (now - self._now).total_seconds())
        self._now = now
