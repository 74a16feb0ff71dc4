"""Members whose only way in is an account at an OpenID provider: what they can do, and what becomes of them without it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.errors import OperatorError
from makersync.http.wiring import Wiring
from makersync.members.identity_tables import MemberIdentityRow
from makersync.members.provider_signing_in import ANEW_S
from makersync.members.tables import MemberRow
from makersync.runtime.process import ServiceProcess
from makersync.runtime.service import Context
from makersync.store.tables import ActivityRow
from openings.bootstrap import definition
from tests.visiting.browser import PASSWORD, Browser
from tests.visiting.openid_provider import OpenIdProvider, openid_provider
from tests.visiting.signing_in_elsewhere import came_back, set_up

from .conftest import invited, joined
from .post_office import posted

pytestmark = pytest.mark.usefixtures("acme")
SET = "/account/provider/password"
OTHER = "nine violet anvils sing at dawn"


@pytest.fixture
async def provider(app: FastAPI, wiring: Wiring, clock: ManualClock) -> AsyncIterator[OpenIdProvider]:
    async with openid_provider(clock.now) as provider:
        set_up(app, wiring, provider)
        yield provider


@pytest.fixture
async def member(wiring: Wiring, provider: OpenIdProvider, browser: Browser) -> Browser:
    """An administrator who has joined without a password."""
    await came_back(browser, f"{await invited(wiring, role='admin')}/oidc", name="Jo Miller")
    await browser.open("/account")
    return browser


async def password_of(wiring: Wiring) -> str:
    async with wiring.store.reading() as session:
        return (await session.exec(select(MemberRow.password_hash))).one()


async def test_a_first_password_is_set_after_a_new_sign_in_at_the_provider(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    assert "set one on their account page" in (await member.open("/members")).text
    await member.open("/account")
    assert (await member.send(SET, password="short")).status_code == 422
    answer = await came_back(member, SET, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password-set")
    assert "Your password is set" in (await member.open("/account?done=password-set")).text
    assert (await other_browser.sign_in("jo@acme.example")).status_code == 303
    await member.open("/members")
    invitation = await member.send("/members/invite", address="al@acme.example", role="reader", present=PASSWORD)
    assert invitation.status_code == 200
    async with wiring.store.reading() as session:
        assert "password_set" in [each.action for each in await session.exec(select(ActivityRow))]
    await member.open("/account")
    again = await member.send(SET, password=OTHER)
    assert again.status_code == 409 and "You have a password already" in again.text


async def test_an_open_browser_alone_sets_no_password(
    wiring: Wiring, clock: ManualClock, provider: OpenIdProvider, member: Browser
) -> None:
    """Guards: the provider would let in whoever finds the browser, without asking, and the password would be theirs."""
    now = int(clock.now().timestamp())
    for claims in ({"auth_time": None}, {"auth_time": now - ANEW_S - 1}, {"auth_time": True}, {"auth_time": "now"}):
        provider.claims = claims
        await member.open("/account")
        answer = await came_back(member, SET, password=PASSWORD)
        assert answer.status_code == 403 and "The password is not set" in answer.text, claims
    provider.claims, provider.subject = {}, "sub-somebody-else"
    await member.open("/account")
    assert (await came_back(member, SET, password=PASSWORD)).status_code == 410
    assert await password_of(wiring) == ""


async def test_the_only_way_in_is_not_unlinked_and_a_session_alone_removes_nothing(wiring: Wiring, member: Browser) -> None:
    for path in ("/account/provider/unlink", "/account/leave", "/account/password"):
        answer = await member.send(path, present="", password=OTHER)
        assert answer.status_code == 422, path
    async with wiring.store.reading() as session:
        assert len((await session.exec(select(MemberIdentityRow))).all()) == 1


async def test_no_mail_gives_a_password_to_whoever_has_none(
    wiring: Wiring, with_mail: None, app: FastAPI, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    """Guards: the mailbox would be a second way in, past the organisation's own account."""
    async with openid_provider(clock.now) as provider:
        set_up(app, wiring, provider)
        await came_back(browser, f"{await invited(wiring)}/oidc", name="Jo Miller")
        assert (await other_browser.send("/forgotten", address="jo@acme.example")).status_code == 200
        assert (await posted(wiring)).links() == []


async def test_a_recovery_by_mail_unlinks_the_account(
    wiring: Wiring, with_mail: None, app: FastAPI, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    """Guards: whoever had planted the address would stay in after its owner came back."""
    async with openid_provider(clock.now) as provider:
        set_up(app, wiring, provider)
        await joined(wiring, browser)
        await browser.open("/account")
        await came_back(browser, "/account/provider/link", present=PASSWORD)
        await other_browser.send("/forgotten", address="jo@acme.example")
        [link] = (await posted(wiring)).links()
        assert (await other_browser.send(link, password=OTHER)).status_code == 303
        assert (await came_back(browser)).status_code == 403


async def test_without_the_setting_members_are_told_what_to_do(
    app: FastAPI, wiring: Wiring, member: Browser, other_browser: Browser
) -> None:
    app.state.wiring, app.state.relying_party = wiring, None
    assert "invite you again" in (await other_browser.open("/sign-in")).text
    account = await member.open("/account")
    assert account.status_code == 200 and "is off here" in account.text and SET not in account.text
    assert (await member.send(SET, password=PASSWORD)).status_code == 404


def test_a_service_with_half_a_provider_does_not_start(context: Context) -> None:
    settings = context.settings.model_copy(update={"oidc_issuer": "https://login.example"})
    with pytest.raises(OperatorError, match="MAKERSYNC_PUBLIC_ADDRESS"):
        ServiceProcess(definition(), replace(context, settings=settings)).application()
