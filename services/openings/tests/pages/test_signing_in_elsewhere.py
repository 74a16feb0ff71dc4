"""Signing in at an OpenID provider: who is let in by it, and how an account there is linked to a member."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.identity_tables import MemberIdentityRow, ProviderRequestRow
from makersync.members.tables import MemberRow, MemberSessionRow
from makersync.store.tables import ActivityRow
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser
from tests.visiting.openid_provider import OpenIdProvider, openid_provider
from tests.visiting.signing_in_elsewhere import NAME, at_provider, came_back, sent, set_up

from .authenticator import given
from .authenticator import set_up as set_up_second_step
from .conftest import COOKIE, invited, joined

pytestmark = pytest.mark.usefixtures("acme")
LINK, UNLINK = "/account/provider/link", "/account/provider/unlink"


@pytest.fixture
async def provider(app: FastAPI, wiring: Wiring, clock: ManualClock) -> AsyncIterator[OpenIdProvider]:
    async with openid_provider(clock.now) as provider:
        set_up(app, wiring, provider)
        yield provider


async def linked(browser: Browser) -> None:
    await browser.open("/account")
    answer = await came_back(browser, LINK, present=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=linked"), answer.text


async def identities(wiring: Wiring) -> list[MemberIdentityRow]:
    async with wiring.store.reading() as session:
        return list(await session.exec(select(MemberIdentityRow)))


async def actions(wiring: Wiring) -> list[str]:
    async with wiring.store.reading() as session:
        return [each.action for each in await session.exec(select(ActivityRow).order_by(ActivityRow.id))]  # type: ignore[arg-type]


async def test_a_member_links_an_account_with_the_password_and_signs_in_with_it(
    wiring: Wiring, provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    await linked(await joined(wiring, browser))
    assert NAME in (await other_browser.open("/sign-in")).text
    answer = await came_back(other_browser, next="/openings")
    assert (answer.status_code, answer.headers["location"]) == (303, "/openings")
    assert "Jo Miller" in (await other_browser.open("/openings")).text
    assert await actions(wiring) == ["member_invited", "member_joined", "provider_linked", "signed_in_by_provider"]


async def test_an_account_that_nobody_linked_lets_nobody_in_whatever_its_address(
    wiring: Wiring, provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    """Guards: whoever controls an address at the provider would take the account of the member who has it here."""
    await joined(wiring, browser)
    answer = await came_back(other_browser)
    assert answer.status_code == 403 and "jo@acme.example" in answer.text and "link it there" in answer.text
    assert COOKIE.name not in other_browser.http.cookies and await identities(wiring) == []
    for said in ({"email_verified": False}, {"email": "someone@else.example"}, {"email": None}):
        provider.claims = said
        answer = await came_back(other_browser)
        assert answer.status_code == 403 and "@" not in answer.text and "invitation" in answer.text


async def test_the_account_counts_and_not_its_address(
    wiring: Wiring, provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    await linked(await joined(wiring, browser))
    provider.claims = {"email": "jo.new@acme.example"}
    assert (await came_back(other_browser)).status_code == 303
    provider.claims, provider.subject = {}, "sub-somebody-else"
    assert (await came_back(other_browser)).status_code == 403


async def test_linking_asks_for_the_password(wiring: Wiring, provider: OpenIdProvider, browser: Browser) -> None:
    await joined(wiring, browser)
    await browser.open("/account")
    answer = await browser.send(LINK, present="something else")
    assert answer.status_code == 422 and "is not your password" in answer.text
    assert (await browser.send(UNLINK, present="something else")).status_code == 422


async def test_linking_and_unlinking_ask_for_a_code_too(
    wiring: Wiring, clock: ManualClock, provider: OpenIdProvider, browser: Browser
) -> None:
    phone = await set_up_second_step(wiring, clock, browser)
    await browser.open("/account")
    assert (await browser.send(LINK, present=PASSWORD)).status_code == 422
    answer = await came_back(browser, LINK, present=PASSWORD, code=phone.next_code())
    assert answer.headers["location"] == "/account?done=linked"
    await browser.open("/account")
    assert (await browser.send(UNLINK, present=PASSWORD)).status_code == 422
    assert len(await identities(wiring)) == 1


async def test_the_second_step_holds_whatever_the_provider_says(
    wiring: Wiring, clock: ManualClock, provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    phone = await set_up_second_step(wiring, clock, browser)
    await browser.open("/account")
    await came_back(browser, LINK, present=PASSWORD, code=phone.next_code())
    provider.claims = {"amr": ["pwd", "otp", "mfa"]}
    answer = await came_back(other_browser)
    assert answer.headers["location"].startswith("/sign-in/code") and COOKIE.name not in other_browser.http.cookies
    assert await given(other_browser, phone.next_code()) == 303
    assert (await other_browser.open("/openings")).status_code == 200
    assert "provider_before_second_step" in await actions(wiring)


async def test_an_account_is_of_one_member(
    wiring: Wiring, provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    await linked(await joined(wiring, browser))
    await joined(wiring, other_browser, address="al@acme.example")
    await other_browser.open("/account")
    answer = await came_back(other_browser, LINK, present=PASSWORD)
    assert answer.status_code == 409 and "Another member" in answer.text
    assert len(await identities(wiring)) == 1


async def test_unlinking_signs_out_elsewhere_and_closes_the_way_in(
    wiring: Wiring, provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    await linked(await joined(wiring, browser))
    await came_back(other_browser)
    await browser.open("/account")
    answer = await browser.send(UNLINK, present=PASSWORD)
    assert answer.headers["location"] == "/account?done=unlinked" and await identities(wiring) == []
    assert (await other_browser.open("/openings")).status_code == 303
    assert (await came_back(other_browser)).status_code == 403
    assert (await actions(wiring))[-1] == "provider_unlinked"


async def test_only_the_session_that_asked_links(
    wiring: Wiring, provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    """Guards: whoever signs in to the browser meanwhile would get the account of the one before."""
    await joined(wiring, browser)
    await browser.open("/account")
    way = await at_provider(await sent(browser, LINK, present=PASSWORD))
    await joined(wiring, browser, address="al@acme.example")
    assert (await browser.open(way)).status_code == 410 and await identities(wiring) == []


async def test_whoever_is_invited_joins_without_a_password(
    wiring: Wiring, provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    path = await invited(wiring)
    assert f"{path}/oidc" in (await browser.open(path)).text
    assert "fill in your name" in (await browser.open((await browser.send(f"{path}/oidc")).headers["location"])).text
    answer = await came_back(browser, f"{path}/oidc", name="Jo Miller")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Jo Miller" in (await browser.open("/openings")).text
    account = await browser.open("/account")
    assert "only way in" in account.text and "Demo visitors" not in account.text
    assert (await came_back(other_browser)).status_code == 303
    assert (await other_browser.sign_in("jo@acme.example", "")).status_code == 422, "no password is no way in"
    assert (await other_browser.open(path)).status_code == 410


async def test_an_invitation_that_is_over_or_an_account_that_is_taken_makes_no_member(
    wiring: Wiring, provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    path, another = await invited(wiring), await invited(wiring, address="al@acme.example")
    way = await at_provider(await sent(other_browser, f"{path}/oidc", name="Eve"))
    await came_back(browser, f"{path}/oidc", name="Jo Miller")
    answer = await other_browser.open(way)
    assert answer.status_code == 410 and "You have not joined yet" in answer.text
    answer = await came_back(other_browser, f"{another}/oidc", name="Al")
    assert answer.status_code == 409
    async with wiring.store.reading() as session:
        assert [each.name for each in await session.exec(select(MemberRow))] == ["Jo Miller"]


async def test_a_removed_member_leaves_no_account_behind(
    wiring: Wiring, provider: OpenIdProvider, operator: Caller, browser: Browser, other_browser: Browser
) -> None:
    await linked(await joined(wiring, browser))
    way = await at_provider(await sent(other_browser))
    [member] = (await operator.get("/v1/employers/emp_acme/members")).json()["items"]
    await operator.send("DELETE", f"/v1/employers/emp_acme/members/{member['member_id']}")
    assert await identities(wiring) == []
    assert (await other_browser.open(way)).status_code == 403
    async with wiring.store.reading() as session:
        assert (await session.exec(select(MemberSessionRow))).all() == []
        assert (await session.exec(select(ProviderRequestRow))).all() == []


async def test_without_the_setting_nothing_leads_to_a_provider(wiring: Wiring, browser: Browser) -> None:
    assert "oidc" not in (await browser.open("/sign-in")).text
    assert (await browser.send("/sign-in/oidc")).status_code == 404
    assert (await browser.open("/sign-in/oidc/return?code=a&state=b")).status_code == 404
