"""Invitations end with the administrator who made them, and a session alone neither makes them nor changes members."""

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.tables import MemberInvitationRow, MemberRow
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser

from .authenticator import PAGE, WRONG, Authenticator, secret_of
from .conftest import joined
from .test_members import member_ids

pytestmark = pytest.mark.usefixtures("acme")


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser) -> Browser:
    return await joined(wiring, browser, address="ada@acme.example", role="admin")


async def link_of(inviter: Browser, **fields: str) -> str:
    await inviter.open("/members")
    sent = {"present": PASSWORD, "address": "second@evil.example", "role": "admin"} | fields
    answer = await inviter.send("/members/invite", **sent)
    assert answer.status_code == 200
    return "/join/" + answer.text.split("/join/")[1].split("<")[0]


@pytest.mark.parametrize("act", ["role", "remove"])
async def test_the_links_of_an_administrator_end_with_the_administrator(
    wiring: Wiring, admin: Browser, other_browser: Browser, act: str
) -> None:
    """Guards: whoever is thrown out comes back by a link that was made before, and throws the others out."""
    other = await joined(wiring, other_browser, role="admin")
    link, kept = await link_of(other), await link_of(admin, address="al@acme.example")
    ids = await member_ids(wiring)
    assert (await admin.send(f"/members/{ids['jo']}/{act}", present=PASSWORD, role="reader")).status_code == 303
    assert [(await other_browser.open(each)).status_code for each in (link, kept)] == [410, 200]


async def test_the_links_of_an_operator_end_with_the_operator(
    wiring: Wiring, operator: Caller, admin: Browser, other_browser: Browser
) -> None:
    bad = await joined(wiring, other_browser, address="op@platform.example", role="operator", whose="operators")
    link = await link_of(bad, role="operator")
    ids = await member_ids(wiring)
    listed = (await operator.get("/v1/operators/member-invitations")).json()["items"]
    assert [(each["address"], each["invited_by"]) for each in listed] == [("second@evil.example", ids["op"])]
    assert (await operator.send("DELETE", f"/v1/operators/members/{ids['op']}")).status_code == 204
    assert (await admin.open(link)).status_code == 410
    assert (await operator.get("/v1/operators/member-invitations")).json() == {"items": []}


async def test_an_operator_s_session_alone_makes_no_key_and_no_link_and_links_everywhere_end_with_the_operator(
    wiring: Wiring, operator: Caller, admin: Browser, other_browser: Browser
) -> None:
    """Guards: what a stolen session made would outlive it, and what an operator made the operator."""
    person = await joined(wiring, other_browser, address="op@platform.example", role="operator", whose="operators")
    path = "/organisations/emp_acme"
    await person.open(path)
    ways = {"keys": {"key_name": "x", "scope": "openings:read"}, "invite": {"address": "al@acme.example", "role": "admin"}}
    for step, fields in ways.items():
        answer = await person.send(f"{path}/{step}", **fields)
        assert answer.status_code == 422 and answer.text.count("is not your password") == 1
    answer = await person.send(f"{path}/invite", present=PASSWORD, **ways["invite"])
    link = "/join/" + answer.text.split("/join/")[1].split("<")[0]
    assert (await admin.open(link)).status_code == 200
    ids = await member_ids(wiring)
    assert (await operator.send("DELETE", f"/v1/operators/members/{ids['op']}")).status_code == 204
    assert (await admin.open(link)).status_code == 410


async def test_operators_see_an_organisation_s_invitations_without_their_links(
    operator: Caller, bolt: Caller, acme: Caller, admin: Browser
) -> None:
    path = "/v1/employers/emp_{}/member-invitations"
    await operator.post(path.format("acme"), {"address": "jo@acme.example", "role": "reader"})
    answer = await operator.get(path.format("acme"))
    assert [(each["address"], each["invited_by"]) for each in answer.json()["items"]] == [("jo@acme.example", None)]
    assert "/join/" not in answer.text
    assert (await operator.get(path.format("bolt"))).json() == {"items": []}
    assert (await operator.get(path.format("nobody"))).status_code == 404
    assert (await acme.get(path.format("acme"))).status_code == 403


async def attempts(admin: Browser, member_id: str, **proof: str) -> list[tuple[int, str]]:
    await admin.open("/members")
    ways = {
        "invite": {"address": "al@acme.example", "role": "admin"},
        f"{member_id}/role": {"role": "admin"},
        f"{member_id}/remove": {},
    }
    answers = [await admin.send(f"/members/{path}", **fields, **proof) for path, fields in ways.items()]
    return [(each.status_code, each.text) for each in answers]


async def is_unchanged(wiring: Wiring, role: str = "reader") -> bool:
    async with wiring.store.reading() as session:
        roles = {row.address: row.role for row in await session.exec(select(MemberRow))}
        return roles.get("jo@acme.example") == role and (await session.exec(select(MemberInvitationRow))).first() is None


@pytest.mark.parametrize("present", [{}, {"present": "wrong words here"}])
async def test_a_session_alone_invites_nobody_and_changes_no_member(
    wiring: Wiring, admin: Browser, other_browser: Browser, present: dict[str, str]
) -> None:
    """Guards: a stolen cookie makes an administrator of its own."""
    await joined(wiring, other_browser, role="reader")
    ids = await member_ids(wiring)
    answers = await attempts(admin, ids["jo"], **present)
    assert all(status == 422 and text.count("is not your password") == 1 for status, text in answers)
    assert 'value="al@acme.example"' in answers[0][1] and await is_unchanged(wiring)


async def test_an_administrator_with_a_second_step_gives_a_code_too(
    wiring: Wiring, clock: ManualClock, admin: Browser, other_browser: Browser
) -> None:
    await joined(wiring, other_browser, role="reader")
    app = Authenticator(await secret_of(admin), clock)
    assert (await admin.send(f"{PAGE}/confirm", present=PASSWORD, code=app.code())).status_code == 200
    ids = await member_ids(wiring)
    for proof in ({}, {"code": WRONG}):
        answers = await attempts(admin, ids["jo"], present=PASSWORD, **proof)
        assert [status for status, _ in answers] == [422] * 3 and await is_unchanged(wiring)
    await admin.open("/members")
    answer = await admin.send(f"/members/{ids['jo']}/role", present=PASSWORD, code=app.next_code(), role="recruiter")
    assert answer.status_code == 303 and await is_unchanged(wiring, "recruiter")
