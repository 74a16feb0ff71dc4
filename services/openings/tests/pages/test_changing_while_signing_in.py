"""Whoever signs in while the password is changed, or the second step turned on, keeps no session that this would end."""

import asyncio
from typing import Any

import pytest

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members import accounts
from makersync.members.misses import MOST_OF_MEMBER
from makersync.members.pending_sign_ins import PendingSignIns
from tests.visiting.browser import PASSWORD, Browser

from .authenticator import PAGE, begun
from .test_account import changed, member

pytestmark = pytest.mark.usefixtures("acme")


@pytest.fixture
def meanwhile(other_browser: Browser, monkeypatch: pytest.MonkeyPatch) -> list["asyncio.Task[Any]"]:
    """Somebody signs in elsewhere with the password before, just after the sessions elsewhere were ended."""
    real, begun_then = PendingSignIns.end_all, list[asyncio.Task[Any]]()

    async def end_all(session: Any, member_id: str) -> None:
        await real(session, member_id)
        begun_then.append(asyncio.create_task(other_browser.sign_in("jo@acme.example")))
        # Without a lock it is done well before; with one it waits for the end of this transaction.
        await asyncio.wait(begun_then, timeout=2)

    monkeypatch.setattr(accounts.PendingSignIns, "end_all", staticmethod(end_all))
    return begun_then


async def test_no_session_of_the_password_before_outlives_its_change(
    wiring: Wiring, browser: Browser, other_browser: Browser, meanwhile: list["asyncio.Task[Any]"]
) -> None:
    await member(wiring, browser)
    assert (await changed(browser))[0] == 303
    assert (await meanwhile[0]).status_code == 422
    assert (await other_browser.open("/openings")).status_code == 303


async def test_no_session_without_a_code_outlives_the_turning_on_of_the_second_step(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser, meanwhile: list["asyncio.Task[Any]"]
) -> None:
    app = await begun(wiring, clock, browser)
    assert (await browser.send(f"{PAGE}/confirm", present=PASSWORD, code=app.code())).status_code == 200
    assert (await meanwhile[0]).headers["location"] == "/sign-in/code"
    assert (await other_browser.open("/openings")).status_code == 303


async def test_a_change_with_a_password_that_was_replaced_meanwhile_is_refused(
    wiring: Wiring, browser: Browser, other_browser: Browser
) -> None:
    """Guards: two changes at once, of which the later would have been allowed by the password before."""
    await member(wiring, browser)
    await other_browser.sign_in("jo@acme.example")
    statuses = [status for status, _ in await asyncio.gather(changed(browser), changed(other_browser))]
    assert statuses.count(303) == 1 and set(statuses) <= {303, 401, 409, 422}


async def test_nobody_outside_keeps_a_member_from_changing_the_password(
    wiring: Wiring, browser: Browser, other_browser: Browser
) -> None:
    await member(wiring, browser)
    for _ in range(MOST_OF_MEMBER + 1):
        answer = await other_browser.sign_in("jo@acme.example", "wrong words here")
    assert answer.status_code == 429
    assert (await changed(browser))[0] == 303
