"""The past of shortage cells, and what more people would do to one."""

from datetime import date

import pytest
from sqlmodel import select

from learners.adapters import signal_history
from learners.adapters.signal_history import KEEP, SignalHistory, forget_signal_days
from learners.adapters.tables import SignalDayRow
from learners.domain.signal import LEVEL_FROM, SignalComponents, level_at, seats_to_balance, tightness_with
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


def test_seats_to_balance_are_the_fewest_that_do() -> None:
    """By the rule of MARKET.md section 12, tried with one seat less."""
    for demand in (0, 999, 4000, 9000, 123_456):
        for supply in (0, 1, 7, 300):
            components = SignalComponents(demand, 7, 4, supply, 0, 2, 0, 0, None, None)
            seats = seats_to_balance(components)
            assert tightness_with(components, seats) < LEVEL_FROM["shortage"]
            assert seats == 0 or level_at(tightness_with(components, seats - 1)) in ("shortage", "severe")
