"""An employer's administrators make, replace and revoke its API keys on pages."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlmodel import col, select

from makersync.http.wiring import Wiring
from makersync.store.tables import ActivityRow, ApiKeyRow
from services.openings.tests.conftest import Caller, MakeCaller
from tests.visiting.browser import PASSWORD, Browser

from .conftest import joined

PAGE = "/integrations/keys"
TOKEN = re.compile(r"mks_[0-9a-f]{16}_[A-Za-z0-9_-]{43}")
HOSTILE = "<b>\"Applicant's</b> نظام"


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser, acme: Caller) -> Browser:
    visitor = await joined(wiring, browser, address="ada@acme.example", role="admin")
    await visitor.open(PAGE)
    return visitor


async def made(admin: Browser, **changed: str) -> str:
    """The token of a new key."""
    form = {"present": PASSWORD, "name": "ATS", "scopes": "openings:read"} | changed
    answer = await admin.send(PAGE, **form)
    assert answer.status_code == 200
    [token] = TOKEN.findall(answer.text)
    return str(token)


def id_of(token: str) -> str:
    return token.split("_")[1]


async def holder(caller: MakeCaller, token: str) -> Caller:
    return replace(await caller(None, []), headers={"Authorization": f"Bearer {token}"})


async def test_a_key_is_made_shown_once_used_and_revoked(admin: Browser, caller: MakeCaller) -> None:
    token = await made(admin, name=HOSTILE)
    listed = (await admin.open(PAGE)).text
    assert token not in listed and "&lt;b&gt;" in listed and "<b>" not in listed and "Read openings" in listed
    ats = await holder(caller, token)
    assert (await ats.get("/v1/openings")).status_code == 200
    assert (await ats.get("/v1/keys")).status_code == 403, "it may do no more than was ticked"
    one = f"{PAGE}/{id_of(token)}"
    unsure = await admin.send(f"{one}/revoke")
    assert unsure.status_code == 422 and "tick this to revoke" in unsure.text
    assert (await ats.get("/v1/openings")).status_code == 200
    assert (await admin.send(f"{one}/revoke", meant="yes")).headers["location"] == f"{one}?done=revoked"
    assert (await ats.get("/v1/openings")).status_code == 401
    assert "revoked" in (await admin.open(one)).text


async def test_a_key_is_replaced_once_and_both_are_valid_for_a_while(admin: Browser, caller: MakeCaller) -> None:
    old = await made(admin)
    one = f"{PAGE}/{id_of(old)}"
    await admin.open(one)
    answer = await admin.send(f"{one}/rotate", present=PASSWORD, grace_seconds="3600")
    [new] = TOKEN.findall(answer.text)
    for token in (old, new):
        assert (await (await holder(caller, token)).get("/v1/openings")).status_code == 200
    page = (await admin.open(one)).text
    assert f"{PAGE}/{id_of(new)}" in page and "Replace the key" not in page and new not in page
    again = await admin.send(f"{one}/rotate", present=PASSWORD, grace_seconds="0")
    assert again.status_code == 409 and "rotated before" in again.text
    await admin.open(one)
    assert (await admin.send(f"{one}/revoke", meant="yes", descendants="yes")).status_code == 303
    for token in (old, new):
        assert (await (await holder(caller, token)).get("/v1/openings")).status_code == 401


async def test_an_administrator_replaces_a_key_that_has_an_end(admin: Browser) -> None:
    """Guards: whoever is signed in has no key whose end a new one could be held to."""
    one = f"{PAGE}/{id_of(await made(admin, ends_on='2027-01-31'))}"
    assert "00:00:00 UTC, 1 Feb 2027" in (await admin.open(one)).text
    answer = await admin.send(f"{one}/rotate", present=PASSWORD, grace_seconds="0")
    [new] = TOKEN.findall(answer.text)
    assert "1 Feb 2027" in (await admin.open(f"{PAGE}/{id_of(new)}")).text


REFUSED: Sequence[tuple[dict[str, str], str]] = [
    ({"present": "wrong words here"}, "is not your password"),
    ({"name": " "}, "must be filled in"),
    ({"name": "x" * 101}, "at most 100 characters"),
    ({"scopes": "operator"}, "known: "),
    ({"scopes": ""}, "known: "),
    ({"ends_on": "soon"}, "must be a date"),
    ({"ends_on": "2026-11-21"}, "must not have passed"),
    ({"ends_on": "9999-12-31"}, "must be a date"),
]


async def test_what_is_refused_stays_typed(wiring: Wiring, admin: Browser) -> None:
    for changed, said in REFUSED:
        form = {"present": PASSWORD, "name": "Typed words", "scopes": "openings:read", "ends_on": "2027-01-31"} | changed
        answer = await admin.send(PAGE, **form)
        assert answer.status_code == 422 and said in answer.text and form["name"] in answer.text, changed
        assert not TOKEN.findall(answer.text)
    async with wiring.store.reading() as session:
        assert len((await session.exec(select(ApiKeyRow))).all()) == 1, "that of acme's fixture alone"


async def test_what_people_do_with_keys_is_in_the_audit_log(wiring: Wiring, admin: Browser) -> None:
    one = f"{PAGE}/{id_of(await made(admin))}"
    await admin.open(one)
    await admin.send(f"{one}/rotate", present=PASSWORD, grace_seconds="3600")
    await admin.send(f"{one}/revoke", meant="yes")
    async with wiring.store.reading() as session:
        mine = select(ActivityRow).where(col(ActivityRow.action).like("key_%")).order_by(col(ActivityRow.id))
        noted = [(row.actor.partition("_")[0], row.action) for row in await session.exec(mine)]
    assert noted == [("member:mem", each) for each in ("key_issued", "key_rotated", "key_revoked")]


async def test_another_organisations_keys_are_absent(
    wiring: Wiring, admin: Browser, other_browser: Browser, bolt: Caller
) -> None:
    one = f"{PAGE}/{id_of(await made(admin, name='Secret plans'))}"
    stranger = await joined(wiring, other_browser, address="bo@bolt.example", role="admin", whose="emp_bolt")
    assert "Secret plans" not in (await stranger.open(PAGE)).text
    assert (await stranger.open(one)).status_code == 404
    assert (await stranger.open(f"{PAGE}/no-key")).status_code == 404
    await stranger.open(PAGE)
    for step in ("rotate", "revoke"):
        assert (await stranger.send(f"{one}/{step}", present=PASSWORD, meant="yes")).status_code == 404
    assert "valid" in (await admin.open(one)).text


@pytest.mark.parametrize("role", ["reader", "recruiter", "operator"])
async def test_other_roles_neither_see_nor_make_keys(
    wiring: Wiring, browser: Browser, other_browser: Browser, acme: Caller, role: str
) -> None:
    admin = await joined(wiring, other_browser, address="ada@acme.example", role="admin")
    await admin.open(PAGE)
    one = f"{PAGE}/{id_of(await made(admin))}"
    whose = "operators" if role == "operator" else "emp_acme"
    visitor = await joined(wiring, browser, role=role, whose=whose)
    home = await visitor.open("/account")
    assert f'href="{PAGE}"' not in home.text
    for path in (PAGE, one):
        assert (await visitor.open(path)).status_code == 403
    await visitor.open("/account")
    for path in (PAGE, f"{one}/rotate", f"{one}/revoke"):
        answer = await visitor.send(path, present=PASSWORD, name="Mine", scopes="openings:read", meant="yes")
        assert answer.status_code == 403 and not TOKEN.findall(answer.text)


async def test_a_form_sent_twice_makes_one_key(admin: Browser) -> None:
    once = re.findall(r'name="once" value="([^"]+)"', (await admin.open(PAGE)).text)[-1]
    await made(admin, name="Twice", once=once)
    again = await admin.send(PAGE, present=PASSWORD, name="Twice", scopes="openings:read", once=once)
    assert again.status_code == 409 and "done already" in again.text and not TOKEN.findall(again.text)
    assert (await admin.open(PAGE)).text.count("Twice") == 1
