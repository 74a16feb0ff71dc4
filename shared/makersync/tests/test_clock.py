"""The market's date begins and ends at midnight in the deployment's time zone."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from makersync.clock import CheckedClock, DayFileClock, ManualClock, WallClock, zone_named

NEW_YORK, KATHMANDU = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("zone", "midnight", "begins"),
    [
        (UTC, "2026-11-22T00:00Z", date(2026, 11, 22)),
        (NEW_YORK, "2026-11-22T05:00Z", date(2026, 11, 22)),
        (NEW_YORK, "2026-07-04T04:00Z", date(2026, 7, 4)),
        (KATHMANDU, "2026-11-21T18:15Z", date(2026, 11, 22)),
    ],
)
def test_a_day_begins_at_midnight_of_its_zone(zone: tzinfo, midnight: str, begins: date) -> None:
    clock = ManualClock(datetime.fromisoformat(midnight) - MINUTE, zone)
    assert clock.today() == begins - timedelta(days=1)
    clock.move_to(datetime.fromisoformat(midnight))
    assert clock.today() == begins
    assert WallClock(zone).date_of(datetime.fromisoformat(midnight)) == begins


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        (NEW_YORK, date(2026, 11, 2), 24),
        (KATHMANDU, date(2026, 11, 1), 24),
        (ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 4), 23.5),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: tzinfo, day: date, hours: float) -> None:
    """Guards: clocks that are set forward or back would end a day an hour early or late."""
    clock = WallClock(zone)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
    quarters = [noon + timedelta(minutes=15 * number) for number in range(-60, 60)]
    assert sum(clock.date_of(instant) == day for instant in quarters) == hours * 4


@pytest.mark.parametrize("hour", [5, 6])
def test_an_hour_that_comes_twice_is_of_the_same_day(hour: int) -> None:
    assert WallClock(NEW_YORK).date_of(datetime(2026, 11, 1, hour, 30, tzinfo=UTC)) == date(2026, 11, 1)


def test_a_day_file_replaces_the_date_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "day").write_text("2027-06-02")
    clock = DayFileClock(tmp_path / "day", NEW_YORK)
    assert clock.today() == date(2027, 6, 2)
    assert clock.date_of(datetime(2026, 11, 22, 4, 59, tzinfo=UTC)) == date(2026, 11, 21)


@pytest.mark.parametrize(("zone", "midnight"), [(NEW_YORK, "2026-11-02T05:00Z"), (KATHMANDU, "2026-11-01T18:15Z")])
def test_the_databases_date_is_compared_in_the_zone(zone: tzinfo, midnight: str) -> None:
    """Guards: beside a date of the zone, the database's date in UTC differs for hours of every day. After the comparison
    the database's time goes on, here through the night in which New York's clocks are set back."""
    begins = datetime.fromisoformat(midnight)
    host = ManualClock(begins - timedelta(hours=30), zone)
    clock = CheckedClock(host, tolerance=0, most_behind=0)
    clock.compare(host.now())
    for hours in (29, 30):
        host.move_to(begins - timedelta(hours=30 - hours))
        assert (clock.is_believed, clock.days_ahead) == (True, 0)
        assert clock.today() == clock.date_there == date(2026, 11, 1 if hours < 30 else 2)


def test_a_host_that_believes_to_be_elsewhere_is_ahead_of_the_database() -> None:
    evening = datetime(2026, 11, 22, 1, tzinfo=UTC)
    clock = CheckedClock(ManualClock(evening + timedelta(hours=5), NEW_YORK), tolerance=0)
    clock.compare(evening)
    assert (clock.days_ahead, clock.today()) == (1, date(2026, 11, 21))


@pytest.mark.parametrize("name", ["UTC", "America/New_York", "Asia/Kathmandu", "Etc/UTC"])
def test_a_zone_is_named_as_the_iana_database_names_it(name: str) -> None:
    assert str(zone_named(name)) == name


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "localtime", "Factory", "America", "EST5EDT4", "../UTC", "right/UTC", "\0"]
)
def test_what_names_no_zone_on_every_machine_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must be the IANA name"):
        zone_named(name)


def test_utc_needs_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: small images may have none, and UTC is what a deployment has that sets nothing."""
    monkeypatch.setattr("makersync.clock.available_timezones", set)
    assert zone_named("UTC") is UTC
