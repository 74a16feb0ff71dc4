"""Whoever is invited joins with a password of its own, and whoever is removed is out at once."""

from datetime import timedelta

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.problems import Conflict
from makersync.http.wiring import Wiring
from makersync.members import joining
from makersync.members.tables import MemberRow, MemberSessionRow
from makersync.store.tables import AuditRow
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser

from .conftest import COOKIE, invited, joined

pytestmark = pytest.mark.usefixtures("acme")


async def test_whoever_opens_an_invitation_chooses_a_password_and_is_signed_in(wiring: Wiring, browser: Browser) -> None:
    path = await invited(wiring)
    page = await browser.open(path)
    assert page.status_code == 200 and "jo@acme.example" in page.text and "emp_acme" in page.text
    answer = await browser.send(path, name="Jo Miller", password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert (
        all(each in cookie for each in (COOKIE.name, "Secure", "HttpOnly", "SameSite=lax", "Path=/")) and "Domain" not in cookie
    )
    openings = await browser.open("/openings")
    assert openings.status_code == 200 and "Jo Miller" in openings.text


async def test_an_invitation_works_once_and_for_seven_days(
    wiring: Wiring, clock: ManualClock, browser: Browser, other_browser: Browser
) -> None:
    used, late = await invited(wiring), await invited(wiring, address="al@acme.example")
    await browser.send(used, name="Jo", password=PASSWORD)
    assert (await other_browser.open(used)).status_code == 410
    assert (await other_browser.send(used, name="Eve", password=PASSWORD)).status_code == 410
    clock.move_to(clock.now() + timedelta(days=7))
    assert (await other_browser.send(late, name="Al", password=PASSWORD)).status_code == 410
    async with wiring.store.reading() as session:
        assert [each.name for each in await session.exec(select(MemberRow))] == ["Jo"]


async def test_a_newer_invitation_replaces_the_one_before(wiring: Wiring, browser: Browser) -> None:
    before, after = await invited(wiring), await invited(wiring, address="JO@acme.example", role="admin")
    assert [(await browser.open(path)).status_code for path in (before, after)] == [410, 200]


async def removed(operator: Caller, whose: str = "emp_acme") -> int:
    """The status of the removal of the only member of Acme."""
    [member] = (await operator.get("/v1/employers/emp_acme/members")).json()["items"]
    return (await operator.send("DELETE", f"/v1/employers/{whose}/members/{member['member_id']}")).status_code


async def test_a_member_who_is_removed_is_out_at_once_and_forgotten(
    wiring: Wiring, operator: Caller, browser: Browser, other_browser: Browser
) -> None:
    await browser.send(await invited(wiring), name="Jo Miller", password=PASSWORD)
    [shown] = (await operator.get("/v1/employers/emp_acme/members")).json()["items"]
    assert (shown["address"], shown["name"], shown["role"]) == ("jo@acme.example", "Jo Miller", "recruiter")
    assert await removed(operator) == 204
    assert (await browser.open("/openings")).status_code == 303
    assert (await other_browser.sign_in("jo@acme.example")).status_code == 422
    async with wiring.store.reading() as session:
        assert (await session.exec(select(MemberRow))).all() == (await session.exec(select(MemberSessionRow))).all() == []
        noted = (await session.exec(select(AuditRow).where(AuditRow.action == "member_removed"))).one()
    assert (noted.subject, noted.detail) == ("emp_acme", {"member": shown["member_id"]})


async def test_a_member_is_removed_from_its_own_organisation_alone(
    wiring: Wiring, operator: Caller, acme: Caller, bolt: Caller, browser: Browser
) -> None:
    await joined(wiring, browser)
    assert await removed(operator, "emp_bolt") == 404
    assert (await acme.get("/v1/employers/emp_acme/members")).status_code == 403
    assert (await browser.open("/openings")).status_code == 200


async def test_whoever_was_removed_can_be_invited_again(wiring: Wiring, operator: Caller, browser: Browser) -> None:
    """Also the way for whoever has forgotten the password, or gets another role."""
    await browser.send(await invited(wiring), name="Jo", password=PASSWORD)
    assert await removed(operator) == 204
    path = await invited(wiring, role="admin")
    assert (await browser.send(path, name="Jo", password=PASSWORD)).status_code == 303
    assert "Jo" in (await browser.open("/openings")).text


async def test_whoever_is_invited_already_is_invited_again_where_no_room_is_left(
    monkeypatch: pytest.MonkeyPatch, wiring: Wiring
) -> None:
    monkeypatch.setattr(joining, "MOST_MEMBERS", 1)
    await invited(wiring)
    await invited(wiring)
    with pytest.raises(Conflict):
        await invited(wiring, address="al@acme.example")


async def test_an_operator_invites_and_the_link_is_shown_once(operator: Caller, browser: Browser) -> None:
    body, path = {"address": "jo@acme.example", "role": "admin"}, "/v1/employers/emp_acme/member-invitations"
    first = await operator.post(path, body, Idempotency_Key="invite-1")
    again = await operator.post(path, body, Idempotency_Key="invite-1")
    assert (first.status_code, again.status_code, again.json()["path"]) == (201, 201, None)
    assert (await browser.open(first.json()["path"])).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [({"address": "no address", "role": "admin"}, "address"), ({"address": "jo@acme.example", "role": "king"}, "role")],
)
async def test_an_invitation_needs_an_address_and_a_role(operator: Caller, body: dict[str, str], field: str) -> None:
    answer = await operator.post("/v1/employers/emp_acme/member-invitations", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await operator.post("/v1/employers/emp_nobody/member-invitations", body | {"role": "admin"})).status_code == 404
