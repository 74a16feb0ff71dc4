"""Signing in: by an invitation, by address and password, and never by a form from elsewhere."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members import misses, passwords
from makersync.members.forgetting import forgetting_members
from makersync.members.misses import MOST_OF_MEMBER, WINDOW, _network
from makersync.members.passwords import Passwords
from makersync.members.sessions import IDLE, LONGEST
from makersync.members.tables import MemberInvitationRow, MemberRow, MemberSessionRow
from makersync.pages.session_cookie import way_back
from tests.visiting.browser import PASSWORD, Browser

from .conftest import COOKIE, invited, joined

pytestmark = pytest.mark.usefixtures("acme")


async def test_a_member_signs_in_again_and_out(wiring: Wiring, browser: Browser, other_browser: Browser) -> None:
    await browser.send(await invited(wiring), name="Jo Miller", password=PASSWORD)
    answer = await other_browser.sign_in("Jo@ACME.example", next="/openings?status=open")
    assert (answer.status_code, answer.headers["location"]) == (303, "/openings?status=open")
    await other_browser.open("/openings")
    assert (await other_browser.send("/sign-out")).headers["location"] == "/sign-in"
    assert (await other_browser.open("/openings")).status_code == 303
    assert (await browser.open("/openings")).status_code == 200, "signing out in one browser signs out in no other"


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("Jo", "short words", "12 to 200 characters"),
        ("Jo", "password1234", "too easy to guess"),
        ("Josephine Miller", "Josephine Miller", "too easy to guess"),
        (" ", PASSWORD, "must be filled in"),
        ("J\u202eo", PASSWORD, "direction of writing"),
    ],
)
async def test_what_is_typed_badly_is_named_and_stays(
    wiring: Wiring, browser: Browser, name: str, password: str, said: str
) -> None:
    path = await invited(wiring)
    answer = await browser.send(path, name=name, password=password)
    assert answer.status_code == 422 and said in answer.text and password not in answer.text.replace(name, "")
    async with wiring.store.reading() as session:
        assert (await session.exec(select(MemberRow))).first() is None
        assert (await session.exec(select(MemberInvitationRow))).first() is not None, "the link can still be used"


async def test_a_wrong_password_and_an_unknown_address_have_the_same_answer(wiring: Wiring, browser: Browser) -> None:
    await browser.send(await invited(wiring), name="Jo", password=PASSWORD)
    answers = [await browser.sign_in(address, "wrong words here") for address in ("jo@acme.example", "no@acme.example")]
    assert [each.status_code for each in answers] == [422, 422]
    texts = [each.text.replace("jo@acme", "X@acme").replace("no@acme", "X@acme") for each in answers]
    assert texts[0] == texts[1] and "not right" in texts[0]


async def test_guessing_is_slowed_down_and_the_right_password_waits_too(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    await browser.send(await invited(wiring), name="Jo", password=PASSWORD)
    for _ in range(MOST_OF_MEMBER):
        assert (await other_browser.sign_in("jo@acme.example", "wrong words here")).status_code == 422
    refused = await other_browser.sign_in("jo@acme.example")
    assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= WINDOW.total_seconds()
    assert "Try again in a quarter of an hour" in refused.text
    assert (await browser.open("/openings")).status_code == 200, "who is signed in already stays so"
    clock.move_to(clock.now() + WINDOW)
    assert (await other_browser.sign_in("jo@acme.example")).status_code == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
async def test_a_form_from_elsewhere_changes_nothing(wiring: Wiring, recruiter: Browser, site: str | None) -> None:
    await recruiter.open("/openings")
    answer = await recruiter.send_from(site, "/sign-out", form_token=recruiter.form_token)
    assert answer.status_code == 403
    assert (await recruiter.open("/openings")).status_code == 200
    assert (await recruiter.send_from(site, "/sign-in", address="a@b.example", password=PASSWORD)).status_code == 403


async def test_an_old_browser_is_judged_by_the_origin_of_the_form(recruiter: Browser) -> None:
    await recruiter.open("/openings")
    fields = {"form_token": recruiter.form_token}
    for origin, status in (("https://evil.example", 403), ("null", 403), ("http://[", 403), ("https://pages.example", 303)):
        answer = await recruiter.http.post("/sign-out", data=fields, headers={"Origin": origin})
        assert answer.status_code == status, origin


async def test_a_form_without_the_token_of_its_session_is_refused(
    wiring: Wiring, recruiter: Browser, other_browser: Browser
) -> None:
    other = await joined(wiring, other_browser, address="al@acme.example")
    await other.open("/openings")
    for token in ("", other.form_token):
        assert (await recruiter.send_from("same-origin", "/sign-out", form_token=token)).status_code == 403
    assert (await recruiter.open("/openings")).status_code == 200


async def test_a_session_ends_when_it_is_not_used_and_after_its_longest_time(
    wiring: Wiring, clock: ManualClock, recruiter: Browser
) -> None:
    for _ in range(3):
        clock.move_to(clock.now() + IDLE - timedelta(minutes=1))
        assert (await recruiter.open("/openings")).status_code == 200
    clock.move_to(clock.now() + IDLE)
    answer = await recruiter.open("/openings")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fopenings")
    filtered = await recruiter.open("/openings?status=open")
    assert filtered.headers["location"] == "/sign-in?next=%2Fopenings%3Fstatus%3Dopen"
    assert LONGEST > IDLE * 3


async def test_no_use_makes_a_session_longer_than_its_longest_time(clock: ManualClock, recruiter: Browser) -> None:
    began, statuses = clock.now(), []
    while clock.now() - began < LONGEST:
        statuses.append((await recruiter.open("/openings")).status_code)
        clock.move_to(clock.now() + IDLE / 2)
    assert set(statuses) == {200} and (await recruiter.open("/openings")).status_code == 303


async def test_a_network_address_that_fails_often_waits_whatever_address_it_tries(
    monkeypatch: pytest.MonkeyPatch, wiring: Wiring, browser: Browser, other_browser: Browser
) -> None:
    """Guards also that a right password takes back its own attempt alone."""
    monkeypatch.setattr(misses, "MOST_OF_PEER", 4)
    await browser.send(await invited(wiring), name="Jo", password=PASSWORD)
    statuses = [(await other_browser.sign_in(f"{who}@acme.example", "wrong words here")).status_code for who in "abc"]
    statuses += [(await other_browser.sign_in("jo@acme.example")).status_code for _ in range(2)]
    statuses += [(await other_browser.sign_in(f"{who}@acme.example", "wrong words here")).status_code for who in "de"]
    assert statuses == [422, 422, 422, 303, 303, 422, 429]


async def test_an_unknown_address_costs_a_comparison_too(
    monkeypatch: pytest.MonkeyPatch, wiring: Wiring, browser: Browser
) -> None:
    """Guards: the time would tell who is a member."""
    compared: list[str] = []
    verified = Passwords._verified

    def counting(self: Passwords, password: str, password_hash: str) -> bool:
        compared.append(password_hash[:9])
        return verified(self, password, password_hash)

    monkeypatch.setattr(Passwords, "_verified", counting)
    await browser.send(await invited(wiring), name="Jo", password=PASSWORD)
    for who in ("jo", "nobody"):
        await browser.sign_in(f"{who}@acme.example", "wrong words here")
    assert compared == ["$argon2id"] * 2


async def test_signing_in_again_ends_the_session_of_the_browser_before(wiring: Wiring, browser: Browser) -> None:
    await browser.send(await invited(wiring), name="Jo", password=PASSWORD)
    await browser.sign_in("jo@acme.example")
    async with wiring.store.reading() as session:
        assert len((await session.exec(select(MemberSessionRow))).all()) == 1


async def test_a_member_signs_out_while_the_service_takes_no_changes(wiring: Wiring, app: FastAPI, recruiter: Browser) -> None:
    await recruiter.open("/openings")
    app.state.wiring = replace(wiring, is_compared=lambda: False)
    assert (await recruiter.send("/sign-out")).status_code == 303
    assert (await recruiter.open("/openings")).status_code == 303


async def test_neither_passwords_nor_tokens_are_kept(wiring: Wiring, browser: Browser) -> None:
    path = await invited(wiring)
    await browser.send(path, name="Jo", password=PASSWORD)
    token = browser.http.cookies[COOKIE.name]
    async with wiring.store.reading() as session:
        rows = [*await session.exec(select(MemberRow)), *await session.exec(select(MemberSessionRow))]
    kept = " ".join(str(row.model_dump()) for row in rows)
    assert len(rows) == 2 and all(secret not in kept for secret in (PASSWORD, token, path.removeprefix("/join/")))


@pytest.mark.parametrize(
    ("wanted", "way"),
    [
        ("/openings/opn_1", "/openings/opn_1"),
        (None, "/"),
        ("", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/" + "a" * 1000, "/"),
    ],
)
def test_the_way_back_leads_to_this_service_alone(wanted: str | None, way: str) -> None:
    assert way_back(wanted) == way


async def test_what_has_ended_is_forgotten_and_nothing_else(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    await invited(wiring, address="al@acme.example")
    await joined(wiring, browser)
    await other_browser.sign_in("jo@acme.example", "wrong words here")
    forget = forgetting_members(wiring.store, clock)
    assert await forget() == 0
    clock.move_to(clock.now() + WINDOW)
    assert await forget() == 2, "the misses of the member and of the network address"
    clock.move_to(clock.now() + LONGEST)
    assert await forget() == 2, "the session and the invitation"
    async with wiring.store.reading() as session:
        assert len((await session.exec(select(MemberRow))).all()) == 1


async def test_a_password_is_the_same_however_its_letters_are_written(
    wiring: Wiring, browser: Browser, other_browser: Browser
) -> None:
    composed, decomposed = "sieben Drehb\u00e4nke im Nebel", "sieben Drehba\u0308nke im Nebel"
    await browser.send(await invited(wiring), name="Jo", password=composed)
    assert (await other_browser.sign_in("jo@acme.example", decomposed)).status_code == 303


async def test_attempts_at_the_same_moment_are_all_counted(wiring: Wiring, browser: Browser, other_browser: Browser) -> None:
    await browser.send(await invited(wiring), name="Jo", password=PASSWORD)
    attempts = [other_browser.sign_in("jo@acme.example", "wrong words here") for _ in range(MOST_OF_MEMBER + 2)]
    statuses = [each.status_code for each in await asyncio.gather(*attempts)]
    assert statuses.count(422) == MOST_OF_MEMBER and statuses.count(429) == 2


async def test_whoever_comes_while_many_wait_is_refused_at_once(monkeypatch: pytest.MonkeyPatch, browser: Browser) -> None:
    """Guards: every attempt that waits takes a place among the service's requests."""
    monkeypatch.setattr(passwords, "_MOST_WAITING", 0)
    assert (await browser.sign_in("jo@acme.example")).status_code == 503


@pytest.mark.parametrize(
    ("peer", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.1", "203.0.113.2", False),
        ("", "", True),
    ],
)
def test_a_network_of_ipv6_counts_as_one_caller(peer: str, other: str, is_same: bool) -> None:
    assert (_network(peer) == _network(other)) is is_same
