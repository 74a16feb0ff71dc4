"""A forgotten password: a link by mail sets a new one, and neither the answer nor the work tells who is a member."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.mail_sender import REST
from makersync.members.misses import MOST_OF_MEMBER
from makersync.members.recovery import RECOVERY
from makersync.members.tables import RecoveryRequestRow, RecoveryRow
from tests.visiting.browser import PASSWORD, Browser

from .authenticator import set_up
from .conftest import invited
from .post_office import PostOffice, posted

pytestmark = pytest.mark.usefixtures("acme")
OTHER = "nine violet anvils sing at dawn"


@pytest.fixture
async def member(wiring: Wiring, browser: Browser, with_mail: None) -> Browser:
    await browser.send(await invited(wiring), name="Jo Miller", password=PASSWORD)
    return browser


async def asked(wiring: Wiring, browser: Browser, address: str = "Jo@acme.example") -> list[str]:
    """The links of the messages that were sent."""
    assert (await browser.send("/forgotten", address=address)).status_code == 200
    return (await posted(wiring, PostOffice())).links()


async def test_a_link_by_mail_sets_a_new_password_once(wiring: Wiring, member: Browser, other_browser: Browser) -> None:
    assert "/forgotten" in (await other_browser.open("/sign-in")).text
    [link] = await asked(wiring, other_browser)
    assert "jo@acme.example" in (await other_browser.open(link)).text
    answer = await other_browser.send(link, password=OTHER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?recovered=yes")
    assert (await member.open("/openings")).status_code == 303, "all sessions end"
    assert [(await other_browser.sign_in("jo@acme.example", each)).status_code for each in (PASSWORD, OTHER)] == [422, 303]
    assert (await other_browser.send(link, password=PASSWORD)).status_code == 410
    assert (await other_browser.open(link)).status_code == 410


async def test_the_answer_is_the_same_for_a_member_and_for_nobody(
    wiring: Wiring, member: Browser, other_browser: Browser
) -> None:
    """Guards: what is written before the answer is the same too, so that its time tells nothing."""
    answers = [await other_browser.send("/forgotten", address=each) for each in ("jo@acme.example", "no@acme.example")]
    assert answers[0].text == answers[1].text and {each.status_code for each in answers} == {200}
    async with wiring.store.reading() as session:
        assert {row.address_key for row in await session.exec(select(RecoveryRequestRow))} == {
            "jo@acme.example",
            "no@acme.example",
        }
        assert (await session.exec(select(RecoveryRow))).all() == [], "whether there is a member is found out by the sender"
    office = await posted(wiring, PostOffice())
    assert [to for to, _ in office.messages] == ["jo@acme.example"]


async def test_a_link_works_for_an_hour_and_until_there_are_two_newer_ones(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    """Guards: somebody who asks again and again would keep the member from ever using a link."""
    links = []
    for _ in range(3):
        links += await asked(wiring, other_browser)
        clock.move_to(clock.now() + REST)
        await posted(wiring, PostOffice())
    assert [(await other_browser.open(each)).status_code for each in links] == [410, 200, 200]
    clock.move_to(clock.now() + RECOVERY)
    assert (await other_browser.send(links[2], password=OTHER)).status_code == 410


async def test_a_password_that_a_link_set_ends_the_other_link(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    links = await asked(wiring, other_browser)
    clock.move_to(clock.now() + REST)
    await posted(wiring, PostOffice())
    links += await asked(wiring, other_browser)
    assert (await other_browser.send(links[0], password=OTHER)).status_code == 303
    assert (await other_browser.open(links[1])).status_code == 410


async def test_nobody_is_flooded_with_messages(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    messages = [len(await asked(wiring, other_browser)) for _ in range(3)]
    assert messages == [1, 0, 0]
    statuses = [(await other_browser.send("/forgotten", address="jo@acme.example")).status_code for _ in range(MOST_OF_MEMBER)]
    assert statuses[-1] == 429
    clock.move_to(clock.now() + timedelta(minutes=15))
    await posted(wiring, PostOffice())
    assert len(await asked(wiring, other_browser)) == 1


async def test_a_message_that_the_mail_server_did_not_take_is_sent_again(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    await other_browser.send("/forgotten", address="jo@acme.example")
    away = await posted(wiring, PostOffice("no_connection"))
    assert len(away.messages) == 1
    clock.move_to(clock.now() + timedelta(minutes=2))
    [link] = (await posted(wiring, PostOffice())).links()
    assert (await other_browser.open(link)).status_code == 200


async def test_the_second_step_stays(
    wiring: Wiring, clock: ManualClock, with_mail: None, browser: Browser, other_browser: Browser
) -> None:
    """Guards: whoever reads the mail of a member would sign in with that alone."""
    app = await set_up(wiring, clock, browser)
    [link] = await asked(wiring, other_browser)
    await other_browser.send(link, password=OTHER)
    answer = await other_browser.sign_in("jo@acme.example", OTHER)
    assert answer.headers["location"] == "/sign-in/code"
    assert (await other_browser.send("/sign-in/code", code=app.next_code())).status_code == 303


async def test_a_weak_password_is_refused_and_the_link_stays_of_use(
    wiring: Wiring, member: Browser, other_browser: Browser
) -> None:
    [link] = await asked(wiring, other_browser)
    answer = await other_browser.send(link, password="password1234")
    assert answer.status_code == 422 and "too easy to guess" in answer.text
    assert (await other_browser.send(link, password=OTHER)).status_code == 303


async def test_two_browsers_with_one_link_set_one_password(wiring: Wiring, member: Browser, other_browser: Browser) -> None:
    [link] = await asked(wiring, other_browser)
    sent = [
        each.send(link, password=password) for each, password in ((member, OTHER), (other_browser, "five blue kettles at noon"))
    ]
    assert sorted(each.status_code for each in await asyncio.gather(*sent)) == [303, 410]


async def test_a_new_password_by_hand_ends_the_link(wiring: Wiring, member: Browser, other_browser: Browser) -> None:
    [link] = await asked(wiring, other_browser)
    await member.open("/account")
    await member.send("/account/password", present=PASSWORD, password=OTHER)
    assert (await other_browser.open(link)).status_code == 410


async def test_a_form_from_elsewhere_asks_for_nothing_and_sets_nothing(
    wiring: Wiring, member: Browser, other_browser: Browser
) -> None:
    [link] = await asked(wiring, other_browser)
    for path, fields in (("/forgotten", {"address": "jo@acme.example"}), (link, {"password": OTHER})):
        assert (await other_browser.send_from("cross-site", path, **fields)).status_code == 403


async def test_without_mail_nothing_is_offered(wiring: Wiring, browser: Browser) -> None:
    assert "/forgotten" not in (await browser.open("/sign-in")).text
    assert (await browser.open("/forgotten")).status_code == 404
    assert (await browser.send("/forgotten", address="jo@acme.example")).status_code == 404


async def test_no_link_stands_in_the_database(wiring: Wiring, member: Browser, other_browser: Browser) -> None:
    [link] = await asked(wiring, other_browser)
    async with wiring.store.reading() as session:
        rows = [*await session.exec(select(RecoveryRow)), *await session.exec(select(RecoveryRequestRow))]
    kept = " ".join(str(row.model_dump()) for row in rows)
    assert len(rows) == 2 and link.rpartition("/")[2] not in kept
