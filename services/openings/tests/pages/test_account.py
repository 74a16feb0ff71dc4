"""One's own account: the name, the password, and the sessions."""

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.browsers import browser_in_words
from makersync.members.misses import MOST_OF_MEMBER
from makersync.members.sessions import IDLE
from makersync.members.tables import MemberRow, MemberSessionRow
from tests.visiting.browser import PASSWORD, Browser

from .conftest import invited, joined

pytestmark = pytest.mark.usefixtures("acme")
OTHER = "nine violet anvils sing at dawn"


async def member(wiring: Wiring, browser: Browser, address: str = "jo@acme.example") -> Browser:
    """With a real password."""
    await browser.send(await invited(wiring, address=address), name="Jo Miller", password=PASSWORD)
    return browser


async def changed(browser: Browser, present: str = PASSWORD, password: str = OTHER) -> tuple[int, str]:
    await browser.open("/account")
    answer = await browser.send("/account/password", present=present, password=password)
    return answer.status_code, answer.text


async def test_the_account_says_who_one_is(recruiter: Browser) -> None:
    page = await recruiter.open("/account")
    assert page.status_code == 200
    assert all(each in page.text for each in ("Jo Miller", "jo@acme.example", "recruiter", "emp_acme", "this one"))


async def test_nobody_sees_an_account_without_signing_in(browser: Browser) -> None:
    assert (await browser.open("/account")).headers["location"] == "/sign-in?next=%2Faccount"


async def test_a_new_name_is_shown_everywhere(recruiter: Browser) -> None:
    await recruiter.open("/account")
    assert (await recruiter.send("/account/name", name=" Zoë <b>Müller</b> ")).status_code == 303
    assert "Zoë &lt;b&gt;Müller&lt;/b&gt;" in (await recruiter.open("/openings")).text


async def test_a_name_that_is_refused_stays_in_the_form(recruiter: Browser) -> None:
    await recruiter.open("/account")
    answer = await recruiter.send("/account/name", name="x" * 121)
    assert answer.status_code == 422 and "x" * 121 in answer.text and "at most 120 characters" in answer.text


async def test_a_changed_password_ends_the_other_sessions_alone(
    wiring: Wiring, browser: Browser, other_browser: Browser
) -> None:
    await member(wiring, browser)
    await other_browser.sign_in("jo@acme.example")
    assert (await changed(browser))[0] == 303
    assert (await browser.open("/openings")).status_code == 200
    assert (await other_browser.open("/openings")).status_code == 303
    assert (await other_browser.sign_in("jo@acme.example")).status_code == 422
    assert (await other_browser.sign_in("jo@acme.example", OTHER)).status_code == 303


@pytest.mark.parametrize(
    ("present", "password", "said"),
    [
        ("wrong words here", OTHER, "is not your password"),
        (PASSWORD, "short", "12 to 200 characters"),
        (PASSWORD, "jo@acme.example", "too easy to guess"),
    ],
)
async def test_a_password_is_not_changed_without_the_present_one_or_for_a_weak_one(
    wiring: Wiring, browser: Browser, present: str, password: str, said: str
) -> None:
    await member(wiring, browser)
    async with wiring.store.reading() as session:
        before = (await session.exec(select(MemberRow.password_hash))).one()
    status, text = await changed(browser, present, password)
    assert status == 422 and said in text
    async with wiring.store.reading() as session:
        assert (await session.exec(select(MemberRow.password_hash))).one() == before


async def test_guessing_the_present_password_is_slowed_down(wiring: Wiring, browser: Browser) -> None:
    """Guards: whoever finds an open browser tries passwords there."""
    await member(wiring, browser)
    statuses = [(await changed(browser, "wrong words here"))[0] for _ in range(MOST_OF_MEMBER + 1)]
    assert statuses == [422] * MOST_OF_MEMBER + [429]


async def test_a_session_elsewhere_is_listed_and_ended(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    await member(wiring, browser)
    other_browser.http.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:142.0) Gecko/20100101 Firefox/142.0"
    await other_browser.sign_in("jo@acme.example")
    page = (await browser.open("/account")).text
    assert "Firefox on Windows" in page and page.count("this one") == 1
    session_id = page.split('name="session" value="')[1].split('"')[0]
    assert (await browser.send("/account/sessions/end", session=session_id)).status_code == 303
    assert (await other_browser.open("/openings")).status_code == 303
    assert (await browser.open("/openings")).status_code == 200


async def test_all_other_sessions_are_ended_at_once(wiring: Wiring, browser: Browser, other_browser: Browser) -> None:
    await member(wiring, browser)
    await other_browser.sign_in("jo@acme.example")
    await browser.open("/account")
    await browser.send("/account/sessions/end-others")
    assert [(await each.open("/openings")).status_code for each in (browser, other_browser)] == [200, 303]


async def test_nobody_ends_the_session_of_another_member(wiring: Wiring, browser: Browser, other_browser: Browser) -> None:
    await joined(wiring, browser)
    await member(wiring, other_browser, "al@acme.example")
    await browser.open("/account")
    digests = await other_session_ids(wiring)
    for session_id in digests:
        await browser.send("/account/sessions/end", session=session_id)
    assert (await other_browser.open("/openings")).status_code == 200


async def other_session_ids(wiring: Wiring) -> list[str]:
    async with wiring.store.reading() as session:
        whose = select(MemberSessionRow.digest, MemberRow.address).where(MemberRow.member_id == MemberSessionRow.member_id)
        return [digest[:16] for digest, address in await session.exec(whose) if address.startswith("al@")]


async def test_a_session_that_has_ended_is_not_listed(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    await member(wiring, browser)
    await other_browser.sign_in("jo@acme.example")
    clock.move_to(clock.now() + IDLE / 2)
    await browser.open("/account")
    clock.move_to(clock.now() + IDLE / 2)
    assert "End this session" not in (await browser.open("/account")).text


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36", "Chrome on Linux"),
        ("curl/8", "A browser that does not say what it is"),
        ("", "A browser that does not say what it is"),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, words: str) -> None:
    assert browser_in_words(agent) == words
