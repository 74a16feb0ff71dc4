"""A secret of a second step is confirmed where it was begun, and soon: a session that was stolen plants none."""

import asyncio

import pytest

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.authenticator import code_at
from makersync.members.second_step import UNCONFIRMED
from tests.visiting.browser import PASSWORD, Browser

from .authenticator import PAGE, secret_of
from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")


async def test_a_secret_that_another_session_began_is_neither_shown_nor_confirmed(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    """Guards: the member would scan the secret of whoever holds a stolen session."""
    await joined(wiring, browser)
    await other_browser.sign_in("jo@acme.example")
    planted = await secret_of(other_browser)
    page = (await browser.open(PAGE)).text
    assert "<svg" not in page and f'action="{PAGE}/begin"' in page
    answer = await browser.send(f"{PAGE}/confirm", present=PASSWORD, code=code_at(planted, clock.now()))
    assert answer.status_code == 409 and "Start again" in answer.text
    mine = await secret_of(browser)
    assert (await browser.send(f"{PAGE}/confirm", present=PASSWORD, code=code_at(mine, clock.now()))).status_code == 200


async def test_a_secret_waits_for_ten_minutes(wiring: Wiring, clock: ManualClock, browser: Browser) -> None:
    await joined(wiring, browser)
    secret = await secret_of(browser)
    clock.move_to(clock.now() + UNCONFIRMED)
    answer = await browser.send(f"{PAGE}/confirm", present=PASSWORD, code=code_at(secret, clock.now()))
    assert answer.status_code == 409 and "<svg" not in (await browser.open(PAGE)).text


async def test_beginning_twice_at_once_is_no_fault(wiring: Wiring, browser: Browser) -> None:
    await joined(wiring, browser)
    await browser.open(PAGE)
    answers = await asyncio.gather(*(browser.send(f"{PAGE}/begin") for _ in range(3)))
    assert {each.status_code for each in answers} == {303}


async def test_whoever_clicks_twice_is_told_how_to_get_recovery_codes(
    wiring: Wiring, clock: ManualClock, browser: Browser
) -> None:
    """Guards: the codes stand in the first answer, which the browser drops."""
    await joined(wiring, browser)
    secret = await secret_of(browser)
    answers = [await browser.send(f"{PAGE}/confirm", present=PASSWORD, code=code_at(secret, clock.now())) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 409]
    assert "If you have not seen your recovery codes, get new ones below" in answers[1].text
    assert f'action="{PAGE}/codes"' in answers[1].text
