"""Whoever has the password guesses codes for a week and no longer, and the member learns of it."""

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.second_step import MISSES_COUNT, MOST_MISSES
from makersync.members.tables import SecondStepRow
from tests.visiting.browser import PASSWORD, Browser

from .authenticator import PAGE, WRONG, Authenticator, give_password, given, secret_of
from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")


async def set_up(wiring: Wiring, clock: ManualClock, browser: Browser, misses: int) -> Authenticator:
    app = Authenticator(await secret_of(await joined(wiring, browser)), clock)
    answer = await browser.send(f"{PAGE}/confirm", present=PASSWORD, code=app.code())
    app.codes = answer.text.split('<ol class="codes">')[1].split("<code>")[1:]
    app.codes = [each.split("</code>")[0] for each in app.codes]
    async with wiring.store.transaction() as session:
        row = (await session.exec(select(SecondStepRow))).one()
        row.misses, row.misses_since = misses, clock.now()
    return app


async def test_after_fifty_wrong_codes_a_recovery_code_alone_is_taken_for_a_week(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    """Guards: 10 codes within each quarter of an hour find one of a million in time."""
    app = await set_up(wiring, clock, browser, MOST_MISSES - 1)
    await give_password(other_browser)
    assert await given(other_browser, WRONG) == 422
    answer = await other_browser.send("/sign-in/code", code=app.next_code())
    assert answer.status_code == 422 and "only recovery codes" in answer.text
    assert await given(other_browser, app.codes[0]) == 303
    assert "your password was followed by 51 wrong codes" in (await other_browser.open("/account")).text
    clock.move_to(clock.now() + MISSES_COUNT)
    browser.http.cookies.clear()
    await give_password(browser)
    assert await given(browser, app.next_code()) == 303


async def test_right_codes_are_not_counted_and_wrong_ones_are_shown(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser, 0)
    await give_password(other_browser)
    assert [await given(other_browser, code) for code in (WRONG, app.next_code())] == [422, 303]
    assert "your password was followed by 1 wrong code" in (await other_browser.open("/account")).text
    await browser.open(PAGE)
    assert (await browser.send(f"{PAGE}/off", present=PASSWORD, code=WRONG)).status_code == 422
    assert "2 wrong codes" in (await browser.open("/account")).text
