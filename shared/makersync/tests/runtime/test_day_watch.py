"""A clock that is wrong: its date is ignored, and the process reports it."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from makersync.cli.past_day import past_day
from makersync.clock import CheckedClock, DayFileClock, ManualClock, WallClock, zone_named
from makersync.effects.fence import Standing, advance, take
from makersync.errors import OperatorError
from makersync.runtime.day_watch import DayWatch
from makersync.runtime.service import MOST_BEHIND_DAYS, clock_of
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.store.tables import KitModel
from makersync.telemetry import create_metrics

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store(database_url)
    async with store.engine.begin() as connection:
        await connection.run_sync(KitModel.metadata.create_all)
    yield store
    await store.close()


def test_a_date_far_ahead_of_the_databases_is_ignored() -> None:
    """Guards: the last believed date is kept, and the right date is accepted again at once."""
    host = ManualClock(NOON)
    clock = CheckedClock(host, tolerance=1)
    clock.compare(NOON)
    assert clock.today() == date(2026, 11, 29)
    host.move_to(NOON + timedelta(days=1))
    clock.compare(NOON)
    assert (clock.today(), clock.is_believed) == (date(2026, 11, 30), True)
    host.move_to(NOON + timedelta(days=185))
    clock.compare(NOON)
    assert (clock.today(), clock.is_believed, clock.days_ahead) == (date(2026, 11, 30), False, 185)


def test_the_databases_date_is_used_while_a_clock_is_not_believed() -> None:
    """Guards: awards that lapse in the meantime would stay on every list."""
    host = ManualClock(NOON)
    clock = CheckedClock(host, tolerance=1)
    assert clock.today() == NOON.date()
    host.move_to(NOON + timedelta(days=185))
    clock.compare(NOON + timedelta(days=3))
    assert clock.today() == date(2026, 12, 2)


async def test_a_clock_that_is_behind_uses_the_databases_date_and_reports_it(store: Store) -> None:
    """Guards: lapsed items stayed on every list, and readiness was green."""

    class Late(WallClock):
        def today(self) -> date:
            return self.now().date() - timedelta(days=3)

    clock = CheckedClock(Late(), tolerance=1, most_behind=MOST_BEHIND_DAYS)
    watch = DayWatch("matching", store, clock, create_metrics())
    await watch.look()
    assert clock.today() == datetime.now(UTC).date()
    with pytest.raises(OperatorError, match="3 days behind the database's"):
        await watch.check()


def test_a_rehearsals_day_may_lie_in_the_past(tmp_path: Path) -> None:
    file = tmp_path / "day"
    file.write_text("2026-03-02")
    for settings, at in (
        (Settings(day_file=file), date(2026, 3, 2)),
        (Settings(), datetime.now(UTC).date() + timedelta(days=9)),
    ):
        clock = clock_of(settings)
        assert isinstance(clock, CheckedClock)
        clock.compare(datetime.now(UTC) + timedelta(days=9))
        assert clock.today() == at


def test_a_process_that_starts_with_a_wrong_date_uses_the_databases() -> None:
    clock = CheckedClock(ManualClock(NOON + timedelta(days=185)), tolerance=1)
    clock.compare(NOON)
    assert clock.today() == NOON.date()


def test_a_clock_that_is_wrong_between_two_comparisons_is_not_believed_either() -> None:
    """Guards: the database's time is extrapolated with monotonic seconds, which setting the clock does not change."""

    class Leaping(ManualClock):
        leap = timedelta(0)

        def today(self) -> date:
            return (self.now() + self.leap).date()

    host = Leaping(NOON)
    clock = CheckedClock(host, tolerance=1)
    clock.compare(NOON)
    host.leap = timedelta(days=185)
    assert clock.today() == NOON.date()
    host.leap = timedelta(0)
    host.move_to(NOON + timedelta(days=3))
    assert clock.today() == date(2026, 12, 2)


def test_a_rehearsal_may_set_its_dates_as_far_ahead_as_configured(tmp_path: Path) -> None:
    file = tmp_path / "day"
    file.write_text("2027-06-02")
    clock = clock_of(Settings(day_file=file, day_ahead_max=36500))
    assert isinstance(clock, CheckedClock)
    clock.compare(NOON)
    assert clock.today() == date(2027, 6, 2)


async def test_readiness_names_the_difference_and_its_remedy(store: Store, tmp_path: Path) -> None:
    """Guards: on PostgreSQL the database's own date is used, on SQLite the machine's."""
    today = datetime.now(UTC).date()
    file = tmp_path / "day"
    file.write_text(str(today + timedelta(days=185)))
    clock, metrics = CheckedClock(DayFileClock(file), tolerance=1), create_metrics()
    watch = DayWatch("matching", store, clock, metrics)
    await watch.look()
    with pytest.raises(OperatorError, match=r"185 days ahead of the database's .* not believed.*MAKERSYNC_DAY_FILE"):
        await watch.check()
    assert metrics.registry.get_sample_value("makersync_day_ahead_days") == 185
    assert clock.today() == today
    file.write_text(str(today))
    await watch.look()
    await watch.check()
    await store.close()


@pytest.mark.parametrize("name", ["Etc/GMT+12", "Pacific/Kiritimati"])
async def test_the_databases_date_is_that_of_the_deployments_zone(store: Store, name: str) -> None:
    """Guards: on PostgreSQL and on SQLite. In one of the two zones it is always another date than in UTC."""
    clock = CheckedClock(WallClock(zone_named(name)), tolerance=0, most_behind=0)
    watch, before = DayWatch("matching", store, clock, create_metrics()), clock.date_of(clock.now())
    await watch.look()
    assert before <= clock.date_there == clock.today() <= clock.date_of(clock.now())
    await watch.check()


@pytest.mark.parametrize("name", ["Etc/GMT+12", "Pacific/Kiritimati"])
async def test_the_day_of_a_command_is_that_of_the_deployments_zone(store: Store, name: str) -> None:
    clock = WallClock(zone_named(name))
    async with store.reading() as session:
        today = await past_day(session, clock, None)
        assert clock.today() - today in (timedelta(0), timedelta(days=1))
        with pytest.raises(OperatorError, match="has not come"):
            await past_day(session, clock, clock.today() + timedelta(days=1))


async def test_partitions_with_a_future_date_are_named_with_the_command(store: Store) -> None:
    today = datetime.now(UTC).date()
    async with store.transaction() as session:
        hold = await take(session, "matching.market", 3, "one")
        await advance(session, hold, {}, Standing(day=today + timedelta(days=100)))
    clock = clock_of(Settings())
    watch = DayWatch("matching", store, clock, create_metrics())
    await watch.look()
    with pytest.raises(OperatorError, match=f"Partitions 3 stand on .* Run `makersync matching set-day {today}`"):
        await watch.check()
    await store.close()
