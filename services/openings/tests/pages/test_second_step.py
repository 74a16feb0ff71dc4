"""The second step at sign-in: set up with an app, asked for after the password, and taken once."""

import asyncio
import re

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.misses import MOST_OF_MEMBER, WINDOW
from makersync.members.pending_sign_ins import LONGEST_PENDING
from makersync.members.second_step import SecondSteps
from makersync.members.tables import MemberRow, MemberSessionRow, PendingSignInRow, RecoveryCodeRow, SecondStepRow
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser

from .authenticator import PAGE, WRONG, begun, give_password, given, set_up
from .conftest import invited

pytestmark = pytest.mark.usefixtures("acme")


async def is_in(browser: Browser) -> bool:
    return (await browser.open("/openings")).status_code == 200


async def test_after_the_password_a_code_signs_in_and_leads_where_one_wanted_to_go(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    await give_password(other_browser, next="/openings?status=open")
    assert not await is_in(other_browser)
    assert (await other_browser.open("/sign-in/code")).status_code == 200
    answer = await other_browser.send("/sign-in/code", code=app.next_code(), next="/openings?status=open")
    assert (answer.status_code, answer.headers["location"]) == (303, "/openings?status=open")
    assert await is_in(other_browser)
    assert "Second step" in (await browser.open("/account")).text


async def test_the_second_step_leads_to_no_other_host(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    await give_password(other_browser, next="//evil.example")
    answer = await other_browser.send("/sign-in/code", code=app.next_code(), next="https://evil.example")
    assert answer.headers["location"] == "/"


async def test_a_code_is_taken_once(wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser) -> None:
    """Guards: whoever looks over a shoulder has half a minute; so does the code that confirmed the secret."""
    app = await set_up(wiring, clock, browser)
    await give_password(other_browser)
    assert await given(other_browser, app.code()) == 422
    code = app.next_code()
    assert await given(other_browser, code) == 303
    await give_password(browser_signed_out := await signed_out(browser))
    assert await given(browser_signed_out, code) == 422


async def signed_out(browser: Browser) -> Browser:
    await browser.open("/openings")
    await browser.send("/sign-out")
    return browser


async def test_a_recovery_code_signs_in_once(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    await give_password(other_browser)
    assert await given(other_browser, f" {app.codes[0].upper()} ") == 303
    await give_password(await signed_out(other_browser))
    assert await given(other_browser, app.codes[0]) == 422
    assert "9 recovery codes" in (await browser.open(PAGE)).text


async def test_wrong_codes_are_slowed_down_and_the_password_does_not_forgive_them(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app, statuses = await set_up(wiring, clock, browser), []
    for each in range(MOST_OF_MEMBER + 1):
        if each % 5 == 0:
            await give_password(other_browser)
        statuses.append(await given(other_browser, WRONG))
    assert statuses == [422] * MOST_OF_MEMBER + [429]
    clock.move_to(clock.now() + WINDOW)
    await give_password(other_browser)
    assert await given(other_browser, app.code()) == 303


async def test_no_code_is_taken_from_a_browser_that_gave_no_password_or_gave_it_long_ago(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    assert (await other_browser.open("/sign-in/code")).headers["location"] == "/sign-in"
    assert await given(other_browser, app.next_code()) == 401
    await give_password(other_browser)
    clock.move_to(clock.now() + LONGEST_PENDING)
    assert await given(other_browser, app.code()) == 401
    assert not await is_in(other_browser)


async def test_a_form_from_elsewhere_finishes_no_sign_in(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    await give_password(other_browser)
    assert (await other_browser.send_from("cross-site", "/sign-in/code", code=app.next_code())).status_code == 403


async def test_a_second_step_that_was_not_confirmed_asks_for_nothing(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    await begun(wiring, clock, browser)
    assert (await other_browser.sign_in("jo@acme.example")).headers["location"] == "/"


@pytest.mark.parametrize(("present", "is_right"), [("wrong words here", True), (PASSWORD, False)])
async def test_setting_up_asks_for_the_password_and_a_code(
    wiring: Wiring, clock: ManualClock, browser: Browser, present: str, is_right: bool
) -> None:
    app = await begun(wiring, clock, browser)
    answer = await browser.send(f"{PAGE}/confirm", present=present, code=app.code() if is_right else WRONG)
    assert answer.status_code == 422 and "<svg" in answer.text and "is not" in answer.text
    async with wiring.store.reading() as session:
        assert (await session.exec(select(SecondStepRow))).one().confirmed_at is None


async def test_setting_up_ends_the_sessions_that_were_begun_without_a_code(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await begun(wiring, clock, browser)
    await other_browser.sign_in("jo@acme.example")
    assert (await browser.send(f"{PAGE}/confirm", present=PASSWORD, code=app.code())).status_code == 200
    assert not await is_in(other_browser) and await is_in(browser)
    assert (await browser.send(f"{PAGE}/confirm", present=PASSWORD, code=app.next_code())).status_code == 409
    assert (await browser.send(f"{PAGE}/begin")).status_code == 409, "the secret is not replaced without a code"


@pytest.mark.parametrize("step", ["off", "codes"])
@pytest.mark.parametrize(("present", "is_right"), [("wrong words here", True), (PASSWORD, False)])
async def test_changing_it_asks_for_the_password_and_a_code(
    wiring: Wiring, clock: ManualClock, browser: Browser, step: str, present: str, is_right: bool
) -> None:
    app = await set_up(wiring, clock, browser)
    await browser.open(PAGE)
    answer = await browser.send(f"{PAGE}/{step}", present=present, code=app.next_code() if is_right else WRONG)
    assert answer.status_code == 422
    async with wiring.store.reading() as session:
        assert len((await session.exec(select(RecoveryCodeRow))).all()) == 10


async def test_new_recovery_codes_end_those_before(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    await browser.open(PAGE)
    answer = await browser.send(f"{PAGE}/codes", present=PASSWORD, code=app.codes[0])
    new = re.findall(r"<code>([a-z2-7-]{27})</code>", answer.text)
    assert len(new) == 10 and not {*new} & {*app.codes}
    await give_password(other_browser)
    assert [await given(other_browser, code) for code in (app.codes[1], new[0])] == [422, 303]


async def test_turned_off_it_asks_for_nothing(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    await browser.open(PAGE)
    assert (await browser.send(f"{PAGE}/off", present=PASSWORD, code=app.next_code())).status_code == 303
    assert (await other_browser.sign_in("jo@acme.example")).headers["location"] == "/"
    async with wiring.store.reading() as session:
        assert (await session.exec(select(SecondStepRow))).all() == (await session.exec(select(RecoveryCodeRow))).all() == []


async def test_another_password_ends_signing_in_that_is_half_done(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    await give_password(other_browser)
    await browser.open("/account")
    answer = await browser.send("/account/password", present=PASSWORD, password="nine violet anvils sing at dawn")
    assert answer.status_code == 303
    assert await given(other_browser, app.next_code()) == 401


async def test_removal_and_a_new_invitation_are_the_last_way_out(
    wiring: Wiring, clock: ManualClock, operator: Caller, browser: Browser, other_browser: Browser
) -> None:
    await set_up(wiring, clock, browser)
    await give_password(other_browser)
    async with wiring.store.reading() as session:
        member_id = (await session.exec(select(MemberRow.member_id))).one()
    assert (await operator.send("DELETE", f"/v1/employers/emp_acme/members/{member_id}")).status_code == 204
    async with wiring.store.reading() as session:
        for table in (SecondStepRow, RecoveryCodeRow, PendingSignInRow, MemberSessionRow):
            assert (await session.exec(select(table))).all() == [], table
    await browser.send(await invited(wiring), name="Jo", password=PASSWORD)
    assert (await other_browser.sign_in("jo@acme.example")).headers["location"] == "/"


async def test_under_another_pepper_no_code_is_right(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    """Guards: a secret that cannot be opened would be a fault at every attempt to sign in."""
    app = await set_up(wiring, clock, browser)
    async with wiring.store.transaction() as session:
        [member_id] = await session.exec(select(MemberRow.member_id))
        steps = SecondSteps(session, b"another pepper than before, as long as one", clock)
        assert not await steps.take(member_id, app.next_code())
        assert not await steps.take(member_id, app.codes[0])


async def test_two_windows_begin_one_second_step(wiring: Wiring, clock: ManualClock, browser: Browser) -> None:
    await browser.send(await invited(wiring), name="Jo Miller", password=PASSWORD)
    await browser.open(PAGE)
    answers = await asyncio.gather(*(browser.send(f"{PAGE}/begin") for _ in range(3)))
    assert {each.status_code for each in answers} <= {303, 409} and 303 in {each.status_code for each in answers}


async def test_two_browsers_with_one_recovery_code_sign_in_once(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    await give_password(await signed_out(browser))
    await give_password(other_browser)
    statuses = await asyncio.gather(*(given(each, app.codes[3]) for each in (browser, other_browser)))
    assert sorted(statuses) == [303, 422]


async def test_whoever_signs_in_while_the_password_changes_has_no_session_of_the_one_before(
    wiring: Wiring, browser: Browser, other_browser: Browser
) -> None:
    await browser.send(await invited(wiring), name="Jo Miller", password=PASSWORD)
    await browser.open("/account")
    new = "nine violet anvils sing at dawn"
    change = browser.send("/account/password", present=PASSWORD, password=new)
    _, changed = await asyncio.gather(other_browser.sign_in("jo@acme.example"), change)
    assert changed.status_code == 303 and not await is_in(other_browser)


async def test_neither_the_secret_nor_a_code_is_kept_readable(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    app = await set_up(wiring, clock, browser)
    await give_password(other_browser)
    async with wiring.store.reading() as session:
        rows = [*await session.exec(select(SecondStepRow)), *await session.exec(select(RecoveryCodeRow))]
        rows += [*await session.exec(select(PendingSignInRow))]
    kept = " ".join(str(row.model_dump()) for row in rows)
    secrets = (app.secret, *app.codes, *(code.replace("-", "") for code in app.codes), *other_browser.http.cookies.values())
    assert len(rows) == 12 and all(each not in kept for each in secrets)
