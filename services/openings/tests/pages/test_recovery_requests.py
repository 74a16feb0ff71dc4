"""Requests for a link to a new password: none is taken where nobody sends it, and none is kept for longer than it is of use."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.mail.server_state import NOT_SET_UP, keep_problem, keep_set_up, server_state
from makersync.members.forgetting import forgetting_members
from makersync.members.mail_sender import REST, MemberMailSender
from makersync.members.membership import remove_member
from makersync.members.recovery_requests import LONGEST
from makersync.members.tables import MemberRow, RecoveryRequestRow
from tests.visiting.browser import Browser

from .post_office import SETUP, PostOffice, posted
from .test_recovering import asked, member

__all__ = ["member"]
pytestmark = pytest.mark.usefixtures("acme")


async def requests(wiring: Wiring) -> Sequence[RecoveryRequestRow]:
    async with wiring.store.reading() as session:
        return (await session.exec(select(RecoveryRequestRow))).all()


@pytest.mark.parametrize("problem", [None, NOT_SET_UP])
async def test_a_link_is_offered_only_where_a_sender_has_a_mail_server(
    wiring: Wiring, with_address: None, browser: Browser, problem: str | None
) -> None:
    """Guards: the public address alone would promise messages that nobody sends, and keep the addresses that people typed."""
    if problem is not None:
        async with wiring.store.transaction() as session:
            await keep_problem(session, problem, wiring.clock.now())
    assert "/forgotten" not in (await browser.open("/sign-in")).text
    assert (await browser.send("/forgotten", address="jo@acme.example")).status_code == 404
    assert await requests(wiring) == []
    async with wiring.store.transaction() as session:
        await keep_set_up(session, wiring.clock.now())
    assert "/forgotten" in (await browser.open("/sign-in")).text


async def test_a_request_is_forgotten_after_an_hour_where_nobody_sends(
    wiring: Wiring, clock: ManualClock, with_mail: None, browser: Browser
) -> None:
    await browser.send("/forgotten", address="anybody@else.example")
    forget = forgetting_members(wiring.store, clock)
    clock.move_to(clock.now() + LONGEST - timedelta(seconds=1))
    await forget()
    assert len(await requests(wiring)) == 1
    clock.move_to(clock.now() + timedelta(seconds=1))
    await forget()
    assert await requests(wiring) == []


async def test_a_request_after_one_that_nobody_met_is_met(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    """Guards: what waited for too long would swallow the next request."""
    await other_browser.send("/forgotten", address="jo@acme.example")
    clock.move_to(clock.now() + LONGEST)
    assert len(await asked(wiring, other_browser)) == 1


async def test_a_request_after_the_rest_is_met_before_anything_was_forgotten(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    assert len(await asked(wiring, other_browser)) == 1
    clock.move_to(clock.now() + REST)
    assert len(await asked(wiring, other_browser)) == 1


async def test_whoever_is_removed_leaves_no_request(wiring: Wiring, member: Browser, other_browser: Browser) -> None:
    for address in ("jo@acme.example", "no@acme.example"):
        await other_browser.send("/forgotten", address=address)
    async with wiring.store.transaction() as session:
        jo = (await session.exec(select(MemberRow))).one()
        assert not await remove_member(session, wiring.clock, "emp_other", jo.member_id)
        assert await remove_member(session, wiring.clock, jo.organisation_id, jo.member_id)
    assert [each.address_key for each in await requests(wiring)] == ["no@acme.example"]


async def test_operators_are_told_what_messages_find_out_about_the_mail_server(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    """Guards: where nothing but these messages is sent, a mail server that is away would show nowhere."""
    await other_browser.send("/forgotten", address="jo@acme.example")
    counted: list[str] = []
    away: list[bool] = []
    for office, problem in ((PostOffice("no_connection"), "no_connection"), (PostOffice(status=250), None)):
        sender = MemberMailSender(
            wiring.store, wiring.clock, wiring.pepper, SETUP, office, count=counted.append, tell_away=away.append
        )
        assert await sender.send_one()
        async with wiring.store.reading() as session:
            assert (await server_state(session)).problem == problem
        clock.move_to(clock.now() + timedelta(minutes=2))
    assert (counted, away) == (["no_connection", "sent"], [True, False])
    assert (await posted(wiring, PostOffice())).messages == []


@pytest.mark.parametrize("outcome", ["doubtful", "address_refused", "message_refused", "policy_refused"])
async def test_a_message_that_is_of_no_use_again_is_sent_once(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser, outcome: str
) -> None:
    """Guards: every two minutes for an hour, for what the mail server has perhaps taken already, or refuses for good."""
    await other_browser.send("/forgotten", address="jo@acme.example")
    office = PostOffice(outcome, status=550)
    for _ in range(3):
        await posted(wiring, office)
        clock.move_to(clock.now() + timedelta(minutes=2))
    assert len(office.messages) == 1


async def test_a_message_that_is_refused_for_now_is_tried_again(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    await other_browser.send("/forgotten", address="jo@acme.example")
    office = PostOffice("deferred", status=450)
    for _ in range(3):
        await posted(wiring, office)
        clock.move_to(clock.now() + timedelta(minutes=2))
    assert len(office.messages) == 3
