"""Closing dates pass."""

from datetime import UTC, datetime

import pytest

from makersync.clock import ManualClock
from makersync.errors import OperatorError
from makersync.runtime.service import Context
from openings.adapters.unit_of_work import units_of_work_of
from openings.entrypoints.day_command import set_day
from openings.entrypoints.sweeps import expiry_sweep

from .conftest import Caller, Published, publish

pytestmark = pytest.mark.usefixtures("catalog")


async def test_an_expiry_is_announced_once_and_a_later_date_makes_the_opening_live_again(
    acme: Caller, published: Published, context: Context, clock: ManualClock
) -> None:
    path = await publish(acme, closes_on="2026-11-30")
    await publish(acme)
    sweep = expiry_sweep(context.store, units_of_work_of(context))
    assert await sweep() == 0
    clock.move_to(datetime(2026, 12, 1, 0, 1, tzinfo=UTC))
    assert (await sweep(), await sweep()) == (1, 0)
    expired = (await acme.get(path)).json()
    assert (expired["status"], expired["live"], expired["expired"], expired["version"]) == ("open", False, True, 2)
    extended = await acme.change("PATCH", path, 2, {"closes_on": "2026-12-10"})
    assert (extended.json()["live"], extended.json()["expired"]) == (True, False)
    clock.move_to(datetime(2026, 12, 11, 0, 1, tzinfo=UTC))
    assert await sweep() == 1
    assert (await published.kinds())[2:] == ["OpeningExpired", "OpeningRevised", "OpeningExpired"]


async def test_expiries_announced_by_a_clock_that_was_ahead_are_taken_back(
    acme: Caller, published: Published, context: Context, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: only those whose closing date has not passed. Matching goes by the date, so an event to readers is enough."""
    today = datetime(2026, 12, 1, 12, tzinfo=UTC)

    async def database_time(*_: object) -> datetime:
        return today

    monkeypatch.setattr("makersync.cli.past_day.read_database_time", database_time)
    past, future, extended = [await publish(acme, closes_on=f"2026-{day}") for day in ("11-30", "12-24", "12-01")]
    clock.move_to(datetime(2027, 6, 2, tzinfo=UTC))
    assert await expiry_sweep(context.store, units_of_work_of(context))() == 3
    await acme.change("PATCH", extended, 2, {"closes_on": "2027-12-10"})
    clock._now = today  # a test clock has no way back otherwise
    units_of_work = units_of_work_of(context)
    assert [await set_day(context, units_of_work, today.date()) for _ in range(2)] == [1, 0]
    assert [(await acme.get(path)).json()["expired"] for path in (past, future)] == [True, False]
    assert (await published.kinds())[-2:] == ["OpeningRevised", "OpeningReopened"]
    with pytest.raises(OperatorError, match="has not come"):
        await set_day(context, units_of_work, datetime(2026, 12, 2, tzinfo=UTC).date())


async def test_more_openings_expire_than_one_transaction_announces(
    acme: Caller, published: Published, context: Context, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openings.entrypoints.sweeps.SWEPT_AT_ONCE", 2)
    for _ in range(5):
        await publish(acme, closes_on="2026-11-30")
    clock.move_to(datetime(2026, 12, 1, tzinfo=UTC))
    assert await expiry_sweep(context.store, units_of_work_of(context))() == 5
    assert (await published.kinds()).count("OpeningExpired") == 5
