"""Signing in at an OpenID provider that is away, slow, wrong or turned into another; and browsers that mix things up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.identity_tables import ProviderRequestRow
from makersync.members.provider_requests import REQUEST, ProviderRequests
from makersync.oidc import asking
from makersync.oidc.provider import AGAIN_S, KEPT_S, REST_S
from tests.visiting.browser import PASSWORD, Browser
from tests.visiting.openid_provider import KEYS, METADATA, TOKEN, OpenIdProvider, openid_provider
from tests.visiting.signing_in_elsewhere import RETURN, at_provider, came_back, sent, set_up

from .conftest import COOKIE, joined

pytestmark = pytest.mark.usefixtures("acme")


@pytest.fixture
async def provider(app: FastAPI, wiring: Wiring, clock: ManualClock, browser: Browser) -> AsyncIterator[OpenIdProvider]:
    """With Jo's account linked, who has signed in elsewhere meanwhile; nothing is remembered of the provider."""
    async with openid_provider(clock.now) as provider:
        set_up(app, wiring, provider)
        await joined(wiring, browser)
        await browser.open("/account")
        await came_back(browser, "/account/provider/link", present=PASSWORD)
        app.state.relying_party = None
        provider.asked.clear()
        yield provider


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    """A page that says what to do, and nobody signed in."""
    assert answer.status_code == status, answer.text
    assert "You are not signed in" in answer.text and all(each in answer.text for each in words), answer.text
    assert COOKIE.name not in answer.headers.get("set-cookie", "") and 'href="/sign-in"' in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


async def _away(_request: Request) -> Response:
    return Response(status_code=502)


async def _silent(_request: Request) -> Response:
    await asyncio.sleep(600)
    raise AssertionError("somebody waited")


async def _endless(_request: Request) -> Response:
    async def spaces() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 4096
            await asyncio.sleep(0)

    return StreamingResponse(spaces())


async def _redirecting(_request: Request) -> Response:
    return RedirectResponse("http://169.254.169.254/latest/meta-data")


async def _no_json(_request: Request) -> Response:
    return Response(b"<html>", 200)


@pytest.mark.parametrize(
    ("misbehaving", "words"),
    [
        (_away, "cannot be reached"),
        (_silent, "did not answer in time"),
        (_endless, "did not answer in time"),
        (_redirecting, "operator of the platform has to mend"),
    ],
)
async def test_a_provider_that_does_not_answer_is_told_on_a_page(
    monkeypatch: pytest.MonkeyPatch,
    app: FastAPI,
    provider: OpenIdProvider,
    other_browser: Browser,
    misbehaving: Any,
    words: str,
) -> None:
    """Guards: a place among the requests of the service would be held, or memory filled, by whoever runs the provider."""
    for path in (METADATA, KEYS, TOKEN):
        app.state.relying_party, provider.misbehaving = None, {path: misbehaving}
        way = None if path == METADATA else await at_provider(await sent(other_browser))
        with monkeypatch.context() as patched:
            if misbehaving is _silent:
                patched.setattr(asking, "LONGEST_S", 0.5)
            answer = await sent(other_browser) if way is None else await other_browser.open(way)
        refused(answer, 503, words, "Works login")


async def test_a_provider_that_is_away_is_asked_again_after_a_moment(
    clock: ManualClock, provider: OpenIdProvider, other_browser: Browser
) -> None:
    provider.misbehaving[METADATA] = _away
    for _ in range(3):
        refused(await sent(other_browser), 503)
    assert provider.asked == [METADATA]
    provider.misbehaving.clear()
    clock.move_to(clock.now() + timedelta(seconds=REST_S))
    assert (await came_back(other_browser)).status_code == 303


async def test_a_provider_that_calls_itself_something_else_is_not_believed(
    app: FastAPI, provider: OpenIdProvider, other_browser: Browser
) -> None:
    """Guards: a setting, or metadata, that leads into the platform's own network, or a browser anywhere."""
    for published in (
        {"issuer": "https://somebody.else.example"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ):
        app.state.relying_party, provider.published = None, published
        refused(await sent(other_browser), 503, "operator of the platform has to mend")


async def test_a_provider_that_sends_no_json_is_not_believed(
    app: FastAPI, provider: OpenIdProvider, other_browser: Browser
) -> None:
    provider.misbehaving = {TOKEN: _no_json}
    refused(await came_back(other_browser), 403, "cannot be trusted")
    app.state.relying_party, provider.misbehaving = None, {METADATA: _no_json}
    refused(await sent(other_browser), 503)


FOREIGN = "https://somebody.else.example"
OURS = "makersync:openings"
UNTRUE: list[dict[str, Any]] = [
    {"iss": FOREIGN},
    {"aud": "another-client"},
    {"aud": [OURS, "another-client"]},
    {"aud": [OURS, "another-client"], "azp": "another-client"},
    {"nonce": "of an earlier sign-in"},
    {"nonce": None},
    *({"sub": each} for each in (None, "", 7, "x" * 256)),
    {"exp": None},
]
LATE: list[dict[str, Any]] = [{"exp": 1}, {"iat": 4_000_000_000, "exp": 4_000_000_300}]


async def test_a_token_that_is_not_for_this_sign_in_is_refused(provider: OpenIdProvider, other_browser: Browser) -> None:
    for claims in UNTRUE + LATE:
        provider.claims = claims
        refused(await came_back(other_browser), 403, "a clock is wrong" if claims in LATE else "cannot be trusted")


async def test_clocks_may_be_a_minute_apart(clock: ManualClock, provider: OpenIdProvider, other_browser: Browser) -> None:
    now = int(clock.now().timestamp())
    for ahead_s, status in ((-340, 303), (50, 303), (-370, 403), (70, 403)):
        provider.claims = {"iat": now + ahead_s, "exp": now + ahead_s + 300}
        assert (await came_back(other_browser)).status_code == status


async def test_a_token_without_a_signature_or_with_a_shared_secret_is_refused(
    provider: OpenIdProvider, other_browser: Browser
) -> None:
    for header in ({"alg": "none"}, {"alg": "HS256", "kid": "first"}):
        provider.header = header
        refused(await came_back(other_browser), 403, "cannot be trusted")


async def test_a_key_that_was_rotated_is_looked_up_once_and_not_for_each_token(
    clock: ManualClock, provider: OpenIdProvider, other_browser: Browser
) -> None:
    """Guards: tokens that name keys which do not exist would have the provider asked without end."""
    assert (await came_back(other_browser)).status_code == 303
    provider.signs_with, provider.listed = "second", ["first", "second"]
    refused(await came_back(other_browser), 503, "changed its keys")
    clock.move_to(clock.now() + timedelta(seconds=AGAIN_S))
    assert (await came_back(other_browser)).status_code == 303
    provider.signs_with, provider.listed = "first", ["second"]
    assert (await came_back(other_browser)).status_code == 303, "it is kept for an hour"
    clock.move_to(clock.now() + timedelta(seconds=KEPT_S))
    refused(await came_back(other_browser), 503, "changed its keys")
    assert provider.asked.count(KEYS) == 3


BROUGHT: list[tuple[dict[str, str], int, str]] = [
    ({"error": "access_denied", "code": ""}, 403, "you said no there"),
    ({"error": "server_error", "code": ""}, 403, "without saying who you are"),
    ({"code": ""}, 403, "without saying who you are"),
    ({"code": "made up"}, 410, "took too long"),
    ({"iss": FOREIGN}, 403, "cannot be trusted"),
    ({"iss": ""}, 403, "cannot be trusted"),
    ({"state": "made up"}, 410, "begun in another browser"),
    ({"state": ""}, 410, "begun in another browser"),
]


async def test_what_a_browser_brings_back_is_not_believed_blindly(provider: OpenIdProvider, other_browser: Browser) -> None:
    for brought, status, words in BROUGHT:
        provider.brought_back = brought
        refused(await came_back(other_browser), status, words)


async def test_the_way_back_is_of_the_browser_that_began(
    provider: OpenIdProvider, browser: Browser, other_browser: Browser
) -> None:
    """Guards: whoever is sent a link with another's code would work in the account of that other."""
    page = await sent(browser)
    way = await at_provider(page)
    refused(await other_browser.open(way), 410, "another browser")
    refused(await other_browser.open(f"{RETURN}?state=x&code=y"), 410)
    assert (await browser.open(way)).status_code == 303


async def test_nobody_comes_back_twice_with_the_same_and_not_too_late(
    clock: ManualClock, wiring: Wiring, provider: OpenIdProvider, other_browser: Browser
) -> None:
    way = await at_provider(await sent(other_browser))
    assert (await other_browser.open(way)).status_code == 303
    refused(await other_browser.open(way), 410, "finished already")
    page = await sent(other_browser)
    late = await at_provider(page)
    clock.move_to(clock.now() + REQUEST)
    refused(await other_browser.open(late), 410, "took too long")
    await sent(other_browser)
    async with wiring.store.transaction() as session:
        await ProviderRequests.forget(session, clock.now() + REQUEST)
        assert (await session.exec(select(ProviderRequestRow))).all() == []


async def test_two_tabs_come_back_in_any_order(provider: OpenIdProvider, other_browser: Browser) -> None:
    first = await at_provider(await sent(other_browser, next="/openings"))
    second = await at_provider(await sent(other_browser, next="/account"))
    assert (await other_browser.open(second)).headers["location"] == "/account"
    assert (await other_browser.open(first)).headers["location"] == "/openings"


async def test_a_form_of_another_site_sends_nobody_to_the_provider(provider: OpenIdProvider, other_browser: Browser) -> None:
    assert (await other_browser.send_from("cross-site", "/sign-in/oidc")).status_code == 403
    assert provider.asked == []


async def test_a_way_back_leads_nowhere_else(provider: OpenIdProvider, other_browser: Browser) -> None:
    assert (await came_back(other_browser, next="//evil.example")).headers["location"] == "/"


async def test_whoever_begins_without_end_is_slowed_down(provider: OpenIdProvider, other_browser: Browser) -> None:
    """Guards: rows would pile up, and the provider be asked, for anybody who sends a form."""
    answers = [(await other_browser.send("/sign-in/oidc")).status_code for _ in range(101)]
    assert answers[:99] == [303] * 99 and answers[-1] == 429


async def test_no_page_allows_forms_to_another_host_and_the_database_holds_no_secret(
    wiring: Wiring, provider: OpenIdProvider, other_browser: Browser
) -> None:
    page = await sent(other_browser)
    assert "form-action 'self';" in page.headers["content-security-policy"] and "noreferrer" in page.text
    cookie = other_browser.http.cookies[f"{COOKIE.name}-provider"]
    async with wiring.store.reading() as session:
        [row] = await session.exec(select(ProviderRequestRow))
    state = str(page.url).rpartition("=")[2]
    assert cookie not in repr(row) and state not in repr(row) and b"sign_in" not in row.sealed
    answer = await other_browser.send("/sign-in/oidc")
    kept = answer.headers["set-cookie"]
    assert all(each in kept for each in ("__Host-", "Secure", "HttpOnly", "SameSite=lax", "Max-Age=900", "Path=/"))
