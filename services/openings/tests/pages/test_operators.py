"""Operators as members: they belong to no organisation, and what is an organisation's is not theirs."""

import re
from dataclasses import replace

import pytest
from sqlmodel import col, select

from makersync.http.wiring import Wiring
from makersync.members.offer import OPERATORS
from makersync.store.tables import AuditRow
from openings.adapters.employer_repository import employer_exists
from services.openings.tests.conftest import Caller, MakeCaller
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
        noted = (await session.exec(select(AuditRow).where(col(AuditRow.action) == "member_removed"))).one()
    key_id = operator.headers["Authorization"].split("_")[1]
    assert (noted.subject, noted.actor) == (OPERATORS, key_id), "as every other action of a key is noted"


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
    assert "Event to match" in page.text and "Messages waiting for webhooks" in page.text
    admin = await joined(wiring, other_browser, address="al@acme.example", role="admin")
    for path in ("/operations", "/operations/now"):
        answer = await admin.open(path)
        assert answer.status_code == 403 and "Status of" not in answer.text
    assert (await admin.open("/openings")).status_code == 200
    resumed = await admin.send("/operations/resume", consumer="any", partition="0", because="x")
    assert resumed.status_code == 403


async def test_an_operator_admits_an_employer_gives_it_a_key_and_invites_its_first_administrator(
    wiring: Wiring, browser: Browser, other_browser: Browser, caller: MakeCaller
) -> None:
    operator = await joined(wiring, browser, role="operator", whose=OPERATORS)
    await operator.open("/organisations")
    refused = await operator.send("/organisations", name=" ")
    assert refused.status_code == 422
    admitted = await operator.send("/organisations", name="Lakeside <Tool>")
    path = admitted.headers["location"]
    page = await operator.open(path)
    assert page.status_code == 200 and "Lakeside &lt;Tool&gt;" in page.text
    issued = await operator.send(f"{path}/keys", present=PASSWORD, key_name="ATS", scope="openings:read")
    [token] = re.findall(r"mks_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", issued.text)
    assert token not in (await operator.open(path)).text, "it is shown once"
    holder = replace(await caller(None, []), headers={"Authorization": f"Bearer {token}"})
    assert (await holder.get("/v1/openings")).status_code == 200
    asked = await operator.send(f"{path}/keys/revoke", key=token.split("_")[1])
    assert asked.status_code == 422 and "tick this to revoke the key" in asked.text, "as an administrator is asked"
    assert (await holder.get("/v1/openings")).status_code == 200
    assert (await operator.send(f"{path}/keys/revoke", key=token.split("_")[1], meant="yes")).status_code == 303
    assert (await holder.get("/v1/openings")).status_code == 401
    invited = await operator.send(f"{path}/invite", present=PASSWORD, address="ada@lakeside.example", role="admin")
    [link] = re.findall(r"/join/[A-Za-z0-9_-]+", invited.text)
    assert (await other_browser.send(link, name="Ada", password=PASSWORD)).status_code == 303
    assert (await other_browser.open("/members")).status_code == 200
    async with wiring.store.reading() as session:
        actions = [row.action for row in await session.exec(select(AuditRow).order_by(col(AuditRow.id)))]
    assert actions == ["employer_admitted", "key_issued", "key_revoked", "member_invited"]


async def test_operators_hand_out_links_to_where_their_browser_is(wiring: Wiring, browser: Browser) -> None:
    """Guards: behind a proxy that ends TLS an operator would hand out an address without encryption."""
    operator = await joined(wiring, browser, role="operator", whose=OPERATORS)
    await operator.open("/organisations/emp_acme")
    operator.http.headers.update({"Origin": "https://pages.example"})
    operator.http.base_url = "http://pages.example"
    sent = {"present": PASSWORD, "address": "ada@acme.example", "role": "admin"}
    invited = await operator.send("/organisations/emp_acme/invite", **sent)
    assert "https://pages.example/join/" in invited.text


async def test_bad_keys_and_invitations_are_refused_and_stay_typed(wiring: Wiring, browser: Browser) -> None:
    operator = await joined(wiring, browser, role="operator", whose=OPERATORS)
    path = "/organisations/emp_acme"
    await operator.open(path)
    for step, fields in {
        "keys": {"key_name": "typed words", "scope": "operator"},
        "invite": {"address": "typed words", "role": "admin"},
    }.items():
        answer = await operator.send(f"{path}/{step}", present=PASSWORD, **fields)
        assert answer.status_code == 422 and "typed words" in answer.text
    as_operator = await operator.send(f"{path}/invite", present=PASSWORD, address="jo@acme.example", role="operator")
    assert as_operator.status_code == 422
    assert (await operator.open("/organisations/operators")).status_code == 404
    fields = {"present": PASSWORD, "address": "x@y.example", "role": "operator"}
    assert (await operator.send("/organisations/operators/invite", **fields)).status_code == 404


async def test_no_employer_sees_or_changes_an_organisation(wiring: Wiring, browser: Browser) -> None:
    """Guards: an administrator of one employer would give itself a key of another."""
    admin = await joined(wiring, browser, role="admin")
    for path in ("/organisations", "/organisations/emp_acme", "/dead-letters", "/dead-letters/1"):
        assert (await admin.open(path)).status_code == 403, path
    await admin.open("/openings")
    sent = {
        "/organisations": {"name": "Mine"},
        "/organisations/emp_acme/keys": {"key_name": "x", "scope": "openings:read"},
        "/organisations/emp_acme/keys/revoke": {"key": "0" * 16},
        "/organisations/emp_acme/invite": {"address": "x@y.example", "role": "admin"},
        "/dead-letters/decide": {"every": "yes", "action": "dismiss", "because": "x"},
    }
    for path, fields in sent.items():
        assert (await admin.send(path, **fields)).status_code == 403, path
