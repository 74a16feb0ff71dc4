"""Where the service sends mail, an invitation reaches the address that it is for, and nobody else is told its link."""

import asyncio
import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select, update

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.mail.server_state import NOT_SET_UP, keep_problem
from makersync.members import mailing
from makersync.members.forgetting import forgetting_members
from makersync.members.joining import INVITATION
from makersync.members.mail_sender import member_mail_waiting
from makersync.members.mailing import AGAIN, MOST_TO_ADDRESS
from makersync.members.tables import MemberInvitationRow, MemberMailRow, MemberRow
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser

from .conftest import joined
from .post_office import PostOffice, posted
from .test_members import member_ids

pytestmark = pytest.mark.usefixtures("acme", "with_mail")
JO = {"address": "jo@acme.example", "role": "reader"}


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser) -> Browser:
    return await joined(wiring, browser, address="ada@acme.example", role="admin")


async def invite(inviter: Browser, **fields: str) -> str:
    """The text of the page that follows."""
    await inviter.open("/members")
    answer = await inviter.send("/members/invite", **{"present": PASSWORD, **JO, **fields})
    assert answer.status_code == 303, answer.text
    return (await inviter.open(answer.headers["location"])).text


async def rows_of(wiring: Wiring) -> list[MemberMailRow]:
    async with wiring.store.reading() as session:
        return [*await session.exec(select(MemberMailRow))]


async def test_whoever_is_invited_gets_the_link_and_joins_with_a_verified_address(
    wiring: Wiring, admin: Browser, other_browser: Browser
) -> None:
    page = await invite(admin)
    assert "The invitation is mailed to jo@acme.example" in page and "/join/" not in page
    office = await posted(wiring)
    [link] = office.links()
    [(to, message)] = office.messages
    assert to == "jo@acme.example" and "invites you to Makersync" in message["Subject"]
    assert link in message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "It was mailed." in (await admin.open("/members")).text
    assert (await other_browser.send(link, name="Jo", password=PASSWORD)).status_code == 303
    page = (await admin.open("/members")).text
    assert page.count("address not verified") == 1, "Ada's link was shown to whoever invited her"


async def test_a_program_that_opens_every_link_of_a_mail_joins_nobody(
    wiring: Wiring, admin: Browser, other_browser: Browser
) -> None:
    await invite(admin)
    [link] = (await posted(wiring)).links()
    assert [(await other_browser.open(link)).status_code for _ in range(2)] == [200, 200]
    assert (await other_browser.send_from("cross-site", link, name="Jo", password=PASSWORD)).status_code == 403
    assert (await other_browser.send(link, name="Jo", password=PASSWORD)).status_code == 303
    assert (await other_browser.open(link)).status_code == 410


async def test_no_key_is_told_the_link_and_the_list_says_what_became_of_the_message(wiring: Wiring, operator: Caller) -> None:
    path = "/v1/employers/emp_acme/member-invitations"
    made = await operator.post(path, JO)
    assert (made.status_code, made.json()["path"], made.json()["is_mailed"]) == (201, None, True)
    messages = []
    for _ in range(2):
        listed = await operator.get(path)
        messages.append(listed.json()["items"][0]["letter"])
        assert "/join/" not in listed.text
        await posted(wiring)
    assert messages == ["waiting", "sent"]


async def test_an_operator_on_a_page_is_not_told_the_link_either(wiring: Wiring, browser: Browser) -> None:
    operator = await joined(wiring, browser, address="op@platform.example", role="operator", whose="operators")
    await operator.open("/organisations/emp_acme")
    answer = await operator.send("/organisations/emp_acme/invite", present=PASSWORD, **JO)
    page = (await operator.open(answer.headers["location"])).text
    assert "is mailed to jo@acme.example" in page and "/join/" not in page
    assert (await posted(wiring)).to() == ["jo@acme.example"]


async def test_without_a_mail_server_the_link_is_shown_and_the_address_called_unverified(
    wiring: Wiring, admin: Browser, other_browser: Browser
) -> None:
    async with wiring.store.transaction() as session:
        await keep_problem(session, NOT_SET_UP, wiring.clock.now())
    assert "the address will not be verified" in (await admin.open("/members")).text
    answer = await admin.send("/members/invite", present=PASSWORD, **JO)
    found = re.search(r"https://pages.example(/join/[^<]+)</code>", answer.text)
    assert found is not None and "nobody checks that the address" in answer.text
    assert (await other_browser.send(found[1], name="Jo", password=PASSWORD)).status_code == 303
    assert (await admin.open("/members")).text.count("address not verified") == 2
    assert await rows_of(wiring) == []


async def test_a_form_that_comes_twice_writes_one_message(wiring: Wiring, admin: Browser) -> None:
    """Guards: the first of two messages would have a link that is of no use."""
    sent = {"present": PASSWORD, **JO, "once": "one-form"}
    await admin.open("/members")
    answers = [await admin.send("/members/invite", **sent) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    await invite(admin)
    assert len((await posted(wiring)).messages) == 1


async def test_a_message_that_is_sent_again_has_the_same_link(
    wiring: Wiring, clock: ManualClock, admin: Browser, other_browser: Browser
) -> None:
    """Guards: the mail server was away, or the process ended before it had noted what came of its attempt; and whoever gets
    two messages may open either."""
    await invite(admin)
    office = PostOffice("no_connection")
    for _ in range(2):
        await posted(wiring, office)
        clock.move_to(clock.now() + AGAIN)
    office.outcome = "sent"
    assert "on its way" in (await admin.open("/members")).text
    await posted(wiring, office)
    assert len(set(office.links())) == 1 and len({message["Message-ID"] for _, message in office.messages}) == 1
    assert len(office.messages) == 3 and (await other_browser.open(office.links()[0])).status_code == 200


async def test_a_process_that_ends_while_it_sends_leaves_the_message_to_another(
    wiring: Wiring, clock: ManualClock, admin: Browser
) -> None:
    class Breaks(PostOffice):
        async def send(self, message: object, to: str) -> None:  # type: ignore[override]
            raise RuntimeError

    await invite(admin)
    with pytest.raises(RuntimeError):
        await posted(wiring, Breaks())
    assert (await posted(wiring)).messages == [], "it may be under way"
    clock.move_to(clock.now() + AGAIN)
    assert len((await posted(wiring)).messages) == 1


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("doubtful", "did not say whether"), ("address_refused", "refuses the address"), ("policy_refused", "ask an operator")],
)
async def test_what_may_have_arrived_or_is_refused_for_good_is_not_sent_again_and_the_page_says_so(
    wiring: Wiring, clock: ManualClock, admin: Browser, outcome: str, said: str
) -> None:
    await invite(admin)
    await posted(wiring, PostOffice(outcome))
    clock.move_to(clock.now() + timedelta(hours=1))
    assert (await posted(wiring)).messages == [] and said in (await admin.open("/members")).text


@pytest.mark.parametrize("is_sent", [True, False])
@pytest.mark.parametrize("act", ["withdraw", "remove"])
async def test_an_invitation_that_was_withdrawn_or_whose_inviter_is_gone_lets_nobody_in(
    wiring: Wiring, admin: Browser, other_browser: Browser, act: str, is_sent: bool
) -> None:
    """Guards: an administrator who is thrown out would come back by a message that is on its way."""
    inviter = await joined(wiring, other_browser, address="al@acme.example", role="admin")
    await invite(inviter)
    links = (await posted(wiring)).links() if is_sent else []
    ids = await member_ids(wiring)
    await admin.open("/members")
    path, fields = ("withdraw", JO) if act == "withdraw" else (f"{ids['al']}/remove", {"present": PASSWORD})
    assert (await admin.send(f"/members/{path}", **fields)).status_code == 303
    assert (await posted(wiring)).messages == []
    for link in links:
        assert (await other_browser.send(link, name="Jo", password=PASSWORD)).status_code == 410


async def test_an_invitation_that_nobody_accepted_is_over_and_forgotten_with_its_message(
    wiring: Wiring, clock: ManualClock, admin: Browser, other_browser: Browser
) -> None:
    await invite(admin)
    [link] = (await posted(wiring)).links()
    clock.move_to(clock.now() + INVITATION)
    assert (await other_browser.open(link)).status_code == 410
    await forgetting_members(wiring.store, clock)()
    assert await rows_of(wiring) == []


async def test_two_browsers_with_one_link_make_one_member(wiring: Wiring, admin: Browser, other_browser: Browser) -> None:
    await invite(admin)
    [link] = (await posted(wiring)).links()
    sent = [each.send(link, name="Jo", password=PASSWORD) for each in (admin, other_browser)]
    assert sorted(each.status_code for each in await asyncio.gather(*sent)) == [303, 410]
    assert len(await member_ids(wiring)) == 2


async def test_nobody_is_flooded_with_invitations(wiring: Wiring, clock: ManualClock, admin: Browser) -> None:
    for _ in range(MOST_TO_ADDRESS):
        await invite(admin)
        await posted(wiring)
        await admin.send("/members/withdraw", **JO)
    await admin.open("/members")
    refused = await admin.send("/members/invite", present=PASSWORD, **JO)
    assert refused.status_code == 429 and 'value="jo@acme.example"' in refused.text
    clock.move_to(clock.now() + timedelta(days=1))
    async with wiring.store.transaction() as session:
        await session.exec(update(MemberRow).values(created_at=clock.now()))
    admin = await joined(wiring, admin, address="ava@acme.example", role="admin")
    assert "is mailed to" in await invite(admin)


async def test_operators_see_that_invitations_wait_but_not_those_that_a_receiver_defers(
    wiring: Wiring, clock: ManualClock, admin: Browser
) -> None:
    async def waiting() -> int:
        async with wiring.store.reading() as session:
            return (await member_mail_waiting(session, clock.now(), timedelta(seconds=120)))[0]

    await invite(admin)
    assert await waiting() == 0
    clock.move_to(clock.now() + timedelta(seconds=121))
    assert await waiting() == 1
    await posted(wiring, PostOffice("deferred"))
    assert await waiting() == 0
    clock.move_to(clock.now() + timedelta(days=1))
    assert await waiting() == 1, "no receiver does so for a day: the mail server of the platform may"


async def test_a_message_that_is_deferred_is_told_as_that_and_is_not_written_twice(wiring: Wiring, admin: Browser) -> None:
    await invite(admin)
    await posted(wiring, PostOffice("deferred", 450))
    assert "does not take the letter with it for now" in (await admin.open("/members")).text
    await invite(admin)
    assert len(await rows_of(wiring)) == 1


async def test_a_message_is_sent_soon_after_the_mail_server_is_back(wiring: Wiring, clock: ManualClock, admin: Browser) -> None:
    """Guards: after an outage of half a day it would wait for six more hours, while all else is sent."""
    await invite(admin)
    clock.move_to(clock.now() + timedelta(hours=12))
    await posted(wiring, PostOffice("no_connection"))
    clock.move_to(clock.now() + AGAIN)
    assert len((await posted(wiring)).messages) == 1


async def test_an_organisation_that_removes_its_members_writes_no_more_messages(
    wiring: Wiring, admin: Browser, other_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: each member who is removed would take the count of the messages along."""
    monkeypatch.setattr(mailing, "MOST_OF_ORGANISATION", 1)
    await invite(admin)
    await other_browser.send((await posted(wiring)).links()[0], name="Jo", password=PASSWORD)
    jo = (await member_ids(wiring))["jo"]
    await admin.open("/members")
    assert (await admin.send(f"/members/{jo}/remove", present=PASSWORD)).status_code == 303
    await admin.open("/members")
    assert (await admin.send("/members/invite", present=PASSWORD, **JO)).status_code == 429


async def test_no_link_of_an_invitation_stands_in_the_database(
    app: FastAPI, wiring: Wiring, admin: Browser, other_browser: Browser
) -> None:
    await invite(admin)
    [link] = (await posted(wiring)).links()
    async with wiring.store.reading() as session:
        rows = [*await session.exec(select(MemberInvitationRow)), *await session.exec(select(MemberMailRow))]
    kept = " ".join(str(row.model_dump()) for row in rows)
    assert len(rows) == 2 and link.rpartition("/")[2] not in kept
