"""Operators as members: they belong to no organisation, and what is an organisation's is not theirs."""

import pytest
from sqlmodel import col, select

from makersync.http.wiring import Wiring
from makersync.members.offer import OPERATORS
from makersync.store.tables import AuditRow
from openings.adapters.employer_repository import employer_exists
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")
INVITATIONS, MEMBERS = "/v1/operators/member-invitations", "/v1/operators/members"
JO = {"address": "jo@platform.example", "role": "operator"}


async def test_a_person_joins_the_operators_by_a_link(operator: Caller, browser: Browser) -> None:
    invited = await operator.post(INVITATIONS, JO)
    assert invited.status_code == 201
    path = invited.json()["path"]
    assert "operators of this platform" in (await browser.open(path)).text
    assert (await browser.send(path, name="Jo", password=PASSWORD)).status_code == 303
    [member] = (await operator.get(MEMBERS)).json()["items"]
    assert (member["address"], member["role"]) == ("jo@platform.example", "operator")


async def test_an_operator_is_refused_where_an_organisation_is_at_home(wiring: Wiring, browser: Browser) -> None:
    """Guards: an operator who is signed in would see the openings of an employer, or of all."""
    visitor = await joined(wiring, browser, role="operator", whose=OPERATORS)
    for path in ("/openings", "/openings/opn_1", "/openings/opn_1/shortlist", "/introductions", "/changes?opening=opn_1"):
        answer = await visitor.open(path)
        assert answer.status_code == 403 and "signed in as an operator" in answer.text, path
        assert 'href="/openings"' not in answer.text, "nor is a link shown that leads nowhere"


async def test_roles_of_operators_and_of_organisations_are_not_mixed(operator: Caller) -> None:
    """Guards: an employer's member with the role of operators would be an operator."""
    employers = "/v1/employers/emp_acme/member-invitations"
    for path, body in ((INVITATIONS, JO | {"role": "admin"}), (employers, JO)):
        answer = await operator.post(path, body)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "unknown_role")


async def test_no_organisation_has_the_operators_members(wiring: Wiring, operator: Caller, browser: Browser) -> None:
    """Guards: the routes of an organisation would reach the operators under their reserved id."""
    await joined(wiring, browser, role="operator", whose=OPERATORS)
    [member] = (await operator.get(MEMBERS)).json()["items"]
    as_employer = f"/v1/employers/{OPERATORS}/members"
    assert (await operator.get(as_employer)).status_code == 404
    assert (await operator.send("DELETE", f"{as_employer}/{member['member_id']}")).status_code == 404
    assert (await operator.post(f"/v1/employers/{OPERATORS}/member-invitations", JO)).status_code == 404
    async with wiring.store.reading() as session:
        assert not await employer_exists(session, OPERATORS)


async def test_a_removed_operator_is_out_at_once(wiring: Wiring, operator: Caller, browser: Browser) -> None:
    visitor = await joined(wiring, browser, role="operator", whose=OPERATORS)
    [member] = (await operator.get(MEMBERS)).json()["items"]
    assert (await operator.send("DELETE", f"{MEMBERS}/{member['member_id']}")).status_code == 204
    assert (await visitor.open("/openings")).status_code == 303
    assert (await operator.send("DELETE", f"{MEMBERS}/{member['member_id']}")).status_code == 404
    async with wiring.store.reading() as session:
        noted = await session.exec(select(AuditRow).where(col(AuditRow.action) == "member_removed"))
        assert noted.one().subject == OPERATORS


async def test_an_organisation_manages_no_operators(acme: Caller) -> None:
    answers = [await acme.get(MEMBERS), await acme.post(INVITATIONS, JO), await acme.send("DELETE", f"{MEMBERS}/mem_1")]
    assert [each.status_code for each in answers] == [403] * 3


async def test_the_page_of_what_happens_now_is_the_operators_alone(
    wiring: Wiring, browser: Browser, other_browser: Browser
) -> None:
    """Guards: an employer's member would see how the service does, and what stands still in it."""
    visitor = await joined(wiring, browser, role="operator", whose=OPERATORS)
    home, page = await visitor.open("/"), await visitor.open("/operations")
    assert home.headers["location"] == "/operations" and page.status_code == 200
    assert "Event to match" in page.text and "Messages that wait for webhooks" in page.text
    admin = await joined(wiring, other_browser, address="al@acme.example", role="admin")
    for path in ("/operations", "/operations/now"):
        answer = await admin.open(path)
        assert answer.status_code == 403 and "Now" not in answer.text
    assert (await admin.open("/openings")).status_code == 200
    resumed = await admin.send("/operations/resume", consumer="any", partition="0", because="x")
    assert resumed.status_code == 403
