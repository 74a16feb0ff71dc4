"""Filling, closing, reopening and expiring."""

from datetime import UTC, datetime
from typing import Any

import pytest

from makersync.clock import ManualClock
from makersync.errors import OperatorError
from makersync.runtime.service import Context
from openings.adapters.opening_repository import OpeningRepository
from openings.bootstrap import units_of_work_of
from openings.domain.errors import VersionMismatch
from openings.domain.opening_life import Moment, close
from openings.entrypoints.day_command import set_day
from openings.entrypoints.sweeps import expiry_sweep

from .conftest import Caller, Published
from .samples import wanted

pytestmark = pytest.mark.usefixtures("catalog")


async def publish(acme: Caller, **changed: Any) -> str:
    answer = await acme.post("/v1/openings", wanted(**changed))
    return str(answer.headers["Location"])


async def test_positions_are_filled_until_none_remains_and_corrected_downwards(acme: Caller, published: Published) -> None:
    path = await publish(acme)
    two = await acme.change("POST", path + "/fillings", 1, {"add": 2})
    assert (two.json()["filled"], two.json()["remaining"], two.json()["status"]) == (2, 1, "open")
    all_three = await acme.change("POST", path + "/fillings", 2, {"filled": 3})
    assert (all_three.json()["status"], all_three.json()["live"]) == ("filled", False)
    one_less = await acme.change("POST", path + "/fillings", 3, {"add": -1})
    assert (one_less.json()["status"], one_less.json()["live"], one_less.headers["ETag"]) == ("open", True, '"4"')
    assert await published.kinds() == ["OpeningPublished", *["PositionsFilled"] * 3]
    assert [event.data["status"] for event in await published.events()] == ["open", "open", "filled", "open"]


@pytest.mark.parametrize(
    "body", [{}, {"add": 1, "filled": 1}, {"add": 4}, {"add": -1}, {"filled": 4}, {"add": True}, {"add": 10**30}, None]
)
async def test_a_bad_filling_changes_nothing(acme: Caller, published: Published, body: Any) -> None:
    path = await publish(acme)
    assert (await acme.change("POST", path + "/fillings", 1, body)).status_code == 422
    assert await published.kinds() == ["OpeningPublished"]


async def test_a_closed_opening_is_reopened(acme: Caller, published: Published) -> None:
    path = await publish(acme)
    closed = await acme.change("POST", path + "/closing", 1)
    assert (closed.status_code, closed.json()["status"], closed.json()["live"]) == (200, "closed", False)
    assert (await acme.change("POST", path + "/closing", 2)).status_code == 409
    reopened = await acme.change("POST", path + "/reopening", 2)
    assert (reopened.json()["status"], reopened.json()["live"]) == ("open", True)
    assert (await acme.change("POST", path + "/reopening", 3)).status_code == 409
    assert await published.kinds() == ["OpeningPublished", "OpeningClosed", "OpeningReopened"]


async def test_a_wrong_filling_is_corrected_in_one_step_whatever_has_closed_the_opening(
    acme: Caller, published: Published
) -> None:
    path = await publish(acme)
    await acme.change("POST", path + "/fillings", 1, {"filled": 3})
    await acme.change("POST", path + "/closing", 2)
    kept = await acme.change("POST", path + "/fillings", 3, {"filled": 2})
    assert (kept.json()["filled"], kept.json()["status"]) == (2, "closed")
    reopened = await acme.change("POST", path + "/fillings", 4, {"filled": 1, "reopen": True})
    assert (reopened.json()["filled"], reopened.json()["status"], reopened.json()["live"]) == (1, "open", True)
    kinds = ["OpeningPublished", "PositionsFilled", "OpeningClosed", "PositionsFilled", "OpeningReopened"]
    assert await published.kinds() == kinds


async def test_steering_needs_the_current_version(acme: Caller) -> None:
    path = await publish(acme)
    for step, body in (("/closing", None), ("/reopening", None), ("/fillings", {"add": 1})):
        assert (await acme.send("POST", path + step, json=body)).status_code == 428
        assert (await acme.change("POST", path + step, 9, body)).status_code == 412


async def test_an_expiry_is_told_once_and_a_new_date_makes_the_opening_live_again(
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


async def test_expiries_that_a_clock_ahead_has_told_are_taken_back(
    acme: Caller, published: Published, context: Context, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: those alone whose closing date has not come; matching goes by the date, so readers need only be told."""
    today = datetime(2026, 12, 1, 12, tzinfo=UTC)

    async def database_time(*_: object) -> datetime:
        return today

    monkeypatch.setattr("openings.entrypoints.day_command.read_database_time", database_time)
    past, future, extended = [await publish(acme, closes_on=f"2026-{day}") for day in ("11-30", "12-24", "12-01")]
    clock.move_to(datetime(2027, 6, 2, tzinfo=UTC))
    assert await expiry_sweep(context.store, units_of_work_of(context))() == 3
    await acme.change("PATCH", extended, 2, {"closes_on": "2027-12-10"})
    clock._now = today  # no clock of a test goes back otherwise
    units_of_work = units_of_work_of(context)
    assert [await set_day(context, units_of_work, today.date()) for _ in range(2)] == [1, 0]
    assert [(await acme.get(path)).json()["expired"] for path in (past, future)] == [True, False]
    assert (await published.kinds())[-2:] == ["OpeningRevised", "OpeningReopened"]
    with pytest.raises(OperatorError, match="has not come"):
        await set_day(context, units_of_work, datetime(2026, 12, 2, tzinfo=UTC).date())


async def test_more_openings_expire_than_one_transaction_tells(
    acme: Caller, published: Published, context: Context, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openings.entrypoints.sweeps.SWEPT_AT_ONCE", 2)
    for _ in range(5):
        await publish(acme, closes_on="2026-11-30")
    clock.move_to(datetime(2026, 12, 1, tzinfo=UTC))
    assert await expiry_sweep(context.store, units_of_work_of(context))() == 5
    assert (await published.kinds()).count("OpeningExpired") == 5


async def test_a_change_over_a_version_that_is_gone_is_stale(acme: Caller, context: Context, clock: ManualClock) -> None:
    opening_id = (await publish(acme)).rpartition("/")[2]
    async with context.store.reading() as session:
        seen = await OpeningRepository(session, None).get(opening_id)
    change = close(seen, Moment(clock.now(), clock.today()))
    async with context.store.transaction() as session:
        await OpeningRepository(session, None).save(change.opening)
    with pytest.raises(VersionMismatch):
        async with context.store.transaction() as session:
            await OpeningRepository(session, None).save(change.opening)
