"""Digests come at their hour in the deployment's time zone, whatever the clocks there do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from makersync.mail.states import Weekday
from makersync.mail.timing import next_digest

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("after", "hour", "due"),
    [
        ("2026-11-22T12:59:59", 7, "2026-11-22T13:00:00"),
        ("2026-11-22T13:00:00", 7, "2026-11-23T13:00:00"),
        # The clocks go forward on 8 March 2026: there is no 2 o'clock, and 7 o'clock comes an hour earlier.
        ("2026-03-07T08:00:00", 2, "2026-03-08T08:00:00"),
        ("2026-03-08T08:00:00", 2, "2026-03-09T07:00:00"),
        ("2026-03-07T13:00:00", 7, "2026-03-08T12:00:00"),
        # They go back on 1 November 2026: 1 o'clock comes twice, and the first counts.
        ("2026-10-31T06:00:00", 1, "2026-11-01T06:00:00"),
        ("2026-11-01T06:00:00", 1, "2026-11-02T07:00:00"),
        ("2026-11-01T05:30:00", 1, "2026-11-01T06:00:00"),
    ],
)
def test_a_daily_digest_is_due_once_a_day_at_its_hour(after: str, hour: int, due: str) -> None:
    assert next_digest(instant(after), hour, None, CHICAGO) == instant(due)


def test_a_weekly_digest_is_due_on_its_day_there() -> None:
    """When it is Monday in UTC, it is still Sunday in Chicago."""
    sunday_evening = instant("2026-11-23T02:00:00")
    assert next_digest(sunday_evening, 21, Weekday.SUNDAY.number, CHICAGO) == instant("2026-11-23T03:00:00")
    assert next_digest(sunday_evening, 7, Weekday.MONDAY.number, CHICAGO) == instant("2026-11-23T13:00:00")
    assert next_digest(instant("2026-11-23T13:00:00"), 7, Weekday.MONDAY.number, CHICAGO) == instant("2026-11-30T13:00:00")


@pytest.mark.parametrize("zone", [UTC, CHICAGO, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")])
@pytest.mark.parametrize("hour", [0, 2, 23])
def test_over_a_year_every_day_has_one_digest(zone: ZoneInfo, hour: int) -> None:
    due, dates = instant("2026-01-01T12:00:00"), []
    for _ in range(365):
        following = next_digest(due, hour, None, zone)
        assert timedelta(hours=22) <= following - due <= timedelta(hours=26) or not dates
        due = following
        dates.append(due.astimezone(zone).date())
    assert len(set(dates)) == 365 and (dates[-1] - dates[0]).days == 364


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
