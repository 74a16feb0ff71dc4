"""The past of shortage cells, and what more people would do to one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, delete, select, update

from learners.adapters import signal_history
from learners.adapters.signal_history import KEEP, SignalHistory, fill_signal_days, forget_signal_days
from learners.adapters.tables import SignalDayRow
from learners.domain.signal import LEVEL_FROM, SignalComponents, SignalDay, level_at, seats_to_balance, tightness_with
from learners.entrypoints.demand_reading import history
from makersync.clock import ManualClock
from makersync.runtime.service import Context

from .conftest import NOW
from .events import REGION, Feed, signal

CELL = REGION, "credential:nims:cnc-milling-operator"


async def days_of(context: Context) -> list[tuple[str, int]]:
    async with context.store.reading() as session:
        rows = (await session.exec(select(SignalDayRow))).all()
    return sorted((row.day.isoformat(), row.demand) for row in rows)


async def test_of_each_day_the_last_signal_stands(context: Context, feed: Feed) -> None:
    later = signal("ShortageRevised", 3, demand=7000)
    await feed.batch(signal("ShortageRaised", 1, day="2026-11-21"), signal("ShortageRevised", 2), later)
    await feed.batch(signal("ShortageRevised", 2, demand=1000))
    assert await days_of(context) == [("2026-11-21", 9000), ("2026-11-22", 7000)]


async def test_a_look_back_begins_with_what_stood_then(context: Context, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a page of many cells would read the whole past of each."""
    read: list[date] = []
    monkeypatch.setattr(signal_history, "_day_of", lambda row: read.append(row.day) or row)
    for version, day in enumerate(("2026-09-01", "2026-10-01", "2026-11-22"), 1):
        await feed.batch(signal("ShortageRevised", version, day=day))
    async with context.store.reading() as session:
        found = await SignalHistory(session).of_cells([CELL], date(2026, 10, 15))
        later = await SignalHistory(session).of_cells([CELL], date(2026, 8, 1))
        on_the_day = await SignalHistory(session).of_cells([CELL], date(2026, 11, 22))
    assert [each.day.isoformat() for each in found[CELL]] == ["2026-10-01", "2026-11-22"]
    assert (len(later[CELL]), len(on_the_day[CELL]), len(read)) == (3, 1, 6)


async def test_the_past_is_forgotten_when_no_page_looks_back_to_it(context: Context, feed: Feed, clock: ManualClock) -> None:
    await feed.batch(signal("ShortageRaised", 1, day="2026-11-21"), signal("ShortageRevised", 2))
    clock.move_to(NOW + KEEP)
    assert await forget_signal_days(context.store, clock) == 1
    assert await days_of(context) == [("2026-11-22", 9000)]


async def test_of_each_cell_what_stood_at_the_limit_stays(context: Context, feed: Feed, clock: ManualClock) -> None:
    """Guards: a cell that has not changed for longer than that would have no past, and its chart no figure."""
    for version, day in enumerate(("2026-09-01", "2026-10-01", "2026-11-22"), 1):
        await feed.batch(signal("ShortageRevised", version, day=day))
    await feed.batch(signal("ShortageRaised", 1, day="2026-09-15", region="29540"))
    clock.move_to(datetime(2026, 10, 20, 9, tzinfo=UTC) + KEEP)
    assert await forget_signal_days(context.store, clock) == 1
    assert [day for day, _ in await days_of(context)] == ["2026-09-15", "2026-10-01", "2026-11-22"]
    assert await forget_signal_days(context.store, clock) == 0


async def test_days_that_an_older_version_did_not_keep_are_filled(context: Context, feed: Feed) -> None:
    await feed.batch(signal("ShortageRaised", 1), signal("ShortageRevised", 2, day="2026-11-23", demand=7000))
    async with context.store.transaction() as session:
        await session.exec(delete(SignalDayRow).where(col(SignalDayRow.version) == 2))
    assert await fill_signal_days(context.store) == 1
    assert await days_of(context) == [("2026-11-22", 9000), ("2026-11-23", 7000)]
    async with context.store.transaction() as session:
        await session.exec(update(SignalDayRow).where(col(SignalDayRow.version) == 2).values(version=1, demand=1))
    assert await fill_signal_days(context.store) == 1, "a later signal of the same day stands"
    assert await days_of(context) == [("2026-11-22", 9000), ("2026-11-23", 7000)]
    assert await fill_signal_days(context.store) == 0


def test_days_that_are_yet_to_come_are_not_shown_and_today_is() -> None:
    """Guards: after a day that was set too far ahead, the chart would end in the future and lack today's figure."""
    today = date(2026, 11, 22)
    days = [SignalDay(today - timedelta(days=9), "shortage", 9000, 3, 0, 0, 2000)]
    ahead = SignalDay(today + timedelta(days=3), "severe", 90_000, 3, 0, 0, 9000)
    assert history([*days, ahead], today) == history(days, today)
    assert history(days, today) != history(days, today - timedelta(days=1))


def test_seats_to_balance_are_the_fewest_that_do() -> None:
    """By the rule of MARKET.md section 12, tried with one seat less."""
    for demand in (0, 999, 4000, 9000, 123_456):
        for supply in (0, 1, 7, 300):
            components = SignalComponents(demand, 7, 4, supply, 0, 2, 0, 0, None, None)
            seats = seats_to_balance(components)
            assert tightness_with(components, seats) < LEVEL_FROM["shortage"]
            assert seats == 0 or level_at(tightness_with(components, seats - 1)) in ("shortage", "severe")
