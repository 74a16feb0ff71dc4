"""The only module that reads the wall clock; all other code receives a `Clock`."""

import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from math import inf
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

#: Names that mean another zone, or none, on every machine.
NOT_OF_A_PLACE = frozenset({"localtime", "Factory"})


def zone_named(name: str) -> tzinfo:
    """The time zone with this IANA name. Raises ValueError if this machine has no data of it; UTC needs none."""
    if name == "UTC":
        return UTC
    if name in NOT_OF_A_PLACE or name not in available_timezones():
        raise ValueError("must be the IANA name of a time zone that this machine has data of, such as America/Chicago")
    return ZoneInfo(name)


def date_in(zone: tzinfo, instant: datetime) -> date:
    """The calendar date on which an instant lies in a time zone."""
    return instant.astimezone(zone).date()


class Clock(Protocol):
    """Time as the services see it."""

    def now(self) -> datetime:
        """The current instant, UTC, timezone-aware."""
        ...

    def today(self) -> date:
        """The market's date, a calendar date in the deployment's time zone: the `d` of MARKET.md."""
        ...

    def date_of(self, instant: datetime) -> date:
        """The calendar date on which an instant lies in the deployment's time zone."""
        ...

    def monotonic(self) -> float:
        """Monotonic seconds, for deadlines and durations."""
        ...


class WallClock:
    """The machine's clock, with the dates of `zone`."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.date_of(self.now())

    def date_of(self, instant: datetime) -> date:
        return date_in(self._zone, instant)

    def monotonic(self) -> float:
        return time.monotonic()


class DayFileClock(WallClock):
    """The machine's clock, with the market's date read from a file that holds one ISO date.

    For rehearsals: replacing the file moves several processes to the next day together.
    """

    def __init__(self, path: Path, zone: tzinfo = UTC) -> None:
        super().__init__(zone)
        self._path = path

    def today(self) -> date:
        return date.fromisoformat(self._path.read_text(encoding="ascii").strip())


class CheckedClock:
    """A clock whose date counts only if it is near the database's.

    If its date were ahead even briefly, awards and openings would lapse, which cannot be undone automatically; if it were
    behind, lapsed items would stay on lists. Call `compare` with the database's time regularly; until the first call the date
    is believed.
    """

    def __init__(self, clock: Clock, tolerance: int, most_behind: float = inf) -> None:
        """`tolerance` is the number of days by which the date may be ahead of the database's, `most_behind` by how many
        behind."""
        self._clock, self._tolerance, self._most_behind = clock, tolerance, most_behind
        self._compared: tuple[datetime, float] | None = None
        self._last: date | None = None

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def today(self) -> date:
        """The clock's date if it is believed; otherwise the later of the last believed date and the database's date."""
        if self.is_believed:
            self._last = self._clock.today()
            return self._last
        return max(self._last or self.date_there, self.date_there)

    def date_of(self, instant: datetime) -> date:
        return self._clock.date_of(instant)

    def compare(self, elsewhere: datetime) -> None:
        """`elsewhere` is the database's present time."""
        self._compared = elsewhere, self.monotonic()

    @property
    def date_there(self) -> date:
        """The database's date in the deployment's time zone; this clock's own before the first comparison."""
        if self._compared is None:
            return self._clock.today()
        elsewhere, at = self._compared
        return self.date_of(elsewhere + timedelta(seconds=self.monotonic() - at))

    @property
    def latest(self) -> date:
        """The latest date that would be believed."""
        return self.date_there + timedelta(days=self._tolerance)

    @property
    def days_ahead(self) -> int:
        """The number of days by which the date is ahead of the database's; negative if it is behind."""
        return (self._clock.today() - self.date_there).days

    @property
    def is_believed(self) -> bool:
        return -self._most_behind <= self.days_ahead <= self._tolerance


class ManualClock:
    """A clock for tests that stands still until it is moved."""

    def __init__(self, now: datetime, zone: tzinfo = UTC) -> None:
        self._now, self._zone = now, zone
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._now

    def today(self) -> date:
        return self.date_of(self._now)

    def date_of(self, instant: datetime) -> date:
        return date_in(self._zone, instant)

    def monotonic(self) -> float:
        return self._elapsed

    def move_to(self, now: datetime) -> None:
        self._elapsed += max(0.0, (now - self._now).total_seconds())
        self._now = now
