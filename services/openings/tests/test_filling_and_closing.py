"""Employers fill positions, close openings and reopen them over HTTP."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.adapters.opening_repository import OpeningRepository
from openings.domain.errors import VersionMismatch
from openings.domain.opening_life import Moment, close

from .conftest import Caller, Published, publish

pytestmark = pytest.mark.usefixtures("catalog")


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


async def test_a_step_that_the_state_refuses_names_its_rule(acme: Caller, clock: ManualClock) -> None:
    path = await publish(acme, closes_on="2026-11-30")
    assert rule_of(await acme.change("POST", path + "/reopening", 1)) == (409, "not_closed")
    await acme.change("POST", path + "/closing", 1)
    assert rule_of(await acme.change("POST", path + "/closing", 2)) == (409, "closed")
    assert rule_of(await acme.change("POST", path + "/fillings", 2, {"filled": 3, "reopen": True})) == (409, "all_filled")
    clock.move_to(clock.now() + timedelta(days=30))
    assert rule_of(await acme.change("POST", path + "/reopening", 2)) == (409, "closing_date_passed")


def rule_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["rule"]


async def test_one_request_corrects_a_filling_and_reopens_a_closed_opening(acme: Caller, published: Published) -> None:
    path = await publish(acme)
    await acme.change("POST", path + "/fillings", 1, {"filled": 3})
    await acme.change("POST", path + "/closing", 2)
    kept = await acme.change("POST", path + "/fillings", 3, {"filled": 2})
    assert (kept.json()["filled"], kept.json()["status"]) == (2, "closed")
    reopened = await acme.change("POST", path + "/fillings", 4, {"filled": 1, "reopen": True})
    assert (reopened.json()["filled"], reopened.json()["status"], reopened.json()["live"]) == (1, "open", True)
    kinds = ["OpeningPublished", "PositionsFilled", "OpeningClosed", "PositionsFilled", "OpeningReopened"]
    assert await published.kinds() == kinds


async def test_filling_closing_and_reopening_need_the_current_version(acme: Caller) -> None:
    path = await publish(acme)
    for step, body in (("/closing", None), ("/reopening", None), ("/fillings", {"add": 1})):
        assert (await acme.send("POST", path + step, json=body)).status_code == 428
        assert (await acme.change("POST", path + step, 9, body)).status_code == 412


async def test_saving_over_a_version_that_is_no_longer_stored_is_refused(
    acme: Caller, context: Context, clock: ManualClock
) -> None:
    opening_id = (await publish(acme)).rpartition("/")[2]
    async with context.store.reading() as session:
        seen = await OpeningRepository(session, None).get(opening_id)
    change = close(seen, Moment(clock.now(), clock.today()))
    async with context.store.transaction() as session:
        await OpeningRepository(session, None).save(change.opening)
    with pytest.raises(VersionMismatch):
        async with context.store.transaction() as session:
            await OpeningRepository(session, None).save(change.opening)
