"""The one module that reads the wall clock; everything else is handed a `Clock`."""

import time
from datetime import UTC, date, datetime
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
