"""Administrators look after the members of their own organisation, and never lock it out."""

import asyncio
import html
import re

import pytest
from sqlmodel import select

from makersync.http.wiring import Wiring
from makersync.members.tables import MemberInvitationRow, MemberRow
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser) -> Browser:
    visitor = await joined(wiring, browser, address="ada@acme.example", role="admin")
    await visitor.open("/members")
    return visitor


async def member_ids(wiring: Wiring) -> dict[str, str]:
    async with wiring.store.reading() as session:
        return {row.address.partition("@")[0]: row.member_id for row in await session.exec(select(MemberRow))}


async def test_an_administrator_invites_and_the_link_is_shown_once(admin: Browser, other_browser: Browser) -> None:
    answer = await admin.send("/members/invite", present=PASSWORD, address="jo@acme.example", role="reader")
    link = re.search(r"<code>(https://pages.example/join/[^<]+)</code>", answer.text)
    assert answer.status_code == 200 and link is not None
    listed = (await admin.open("/members")).text
    assert "jo@acme.example" in listed and "/join/" not in listed
    path = link[1].removeprefix("https://pages.example")
    assert (await other_browser.send(path, name="Jo", password=PASSWORD)).status_code == 303
    assert "Jo" in (await admin.open("/members")).text


@pytest.mark.parametrize(
    ("address", "role", "said"),
    [
        ("no address <b>", "reader", "must be one plain address"),
        ("jo@acme.example", "king", "must be among"),
        ("ADA@acme.example", "reader", "signs in with this address already"),
    ],
)
async def test_an_invitation_that_is_refused_stays_in_its_form(
    wiring: Wiring, admin: Browser, address: str, role: str, said: str
) -> None:
    answer = await admin.send("/members/invite", present=PASSWORD, address=address, role=role)
    assert answer.status_code in (409, 422) and said in answer.text and html.escape(address) in answer.text
    async with wiring.store.reading() as session:
        assert (await session.exec(select(MemberInvitationRow))).first() is None


async def test_an_invitation_that_is_withdrawn_works_no_more(admin: Browser, other_browser: Browser) -> None:
    answer = await admin.send("/members/invite", present=PASSWORD, address="jo@acme.example", role="reader")
    path = "/join/" + answer.text.split("/join/")[1].split("<")[0]
    assert (await admin.send("/members/withdraw", address="jo@acme.example")).status_code == 303
    assert (await other_browser.open(path)).status_code == 410
    assert (await admin.send("/members/withdraw", address="jo@acme.example")).status_code == 303, "it has ended already"


async def test_another_role_holds_from_the_next_page_on(wiring: Wiring, admin: Browser, other_browser: Browser) -> None:
    jo = await joined(wiring, other_browser, role="reader")
    assert (await jo.open("/members")).status_code == 403
    ids = await member_ids(wiring)
    assert (await admin.send(f"/members/{ids['jo']}/role", present=PASSWORD, role="admin")).status_code == 303
    assert (await jo.open("/members")).status_code == 200


async def test_a_member_who_is_removed_is_out_at_once(wiring: Wiring, admin: Browser, other_browser: Browser) -> None:
    jo = await joined(wiring, other_browser)
    ids = await member_ids(wiring)
    assert (await admin.send(f"/members/{ids['jo']}/remove", present=PASSWORD)).status_code == 303
    assert (await jo.open("/openings")).status_code == 303
    assert (await admin.send(f"/members/{ids['jo']}/remove", present=PASSWORD)).status_code == 404


@pytest.mark.parametrize("act", ["role", "remove"])
async def test_the_last_administrator_stays_one(wiring: Wiring, admin: Browser, other_browser: Browser, act: str) -> None:
    """Administrators of other organisations are none here."""
    await joined(wiring, other_browser, address="bo@bolt.example", role="admin", whose="emp_bolt")
    ids = await member_ids(wiring)
    answer = await admin.send(f"/members/{ids['ada']}/{act}", present=PASSWORD, role="reader")
    assert answer.status_code == 409 and "make somebody else one first" in answer.text
    assert (await admin.open("/members")).status_code == 200


async def test_two_administrators_who_remove_each_other_leave_one(
    wiring: Wiring, admin: Browser, other_browser: Browser
) -> None:
    other = await joined(wiring, other_browser, role="admin")
    await other.open("/members")
    ids = await member_ids(wiring)
    await asyncio.gather(
        admin.send(f"/members/{ids['jo']}/remove", present=PASSWORD),
        other.send(f"/members/{ids['ada']}/remove", present=PASSWORD),
    )
    assert len(await member_ids(wiring)) == 1


async def test_an_administrator_leaves_when_there_is_another(wiring: Wiring, admin: Browser, other_browser: Browser) -> None:
    await joined(wiring, other_browser, role="admin")
    ids = await member_ids(wiring)
    assert (await admin.send(f"/members/{ids['ada']}/remove", present=PASSWORD)).headers["location"] == "/sign-in"


@pytest.mark.parametrize("act", ["role", "remove"])
async def test_members_of_another_organisation_are_absent(
    wiring: Wiring, admin: Browser, bolt: Caller, other_browser: Browser, act: str
) -> None:
    await joined(wiring, other_browser, address="bo@bolt.example", role="reader", whose="emp_bolt")
    ids = await member_ids(wiring)
    assert "bo@bolt.example" not in (await admin.open("/members")).text
    assert (await admin.send(f"/members/{ids['bo']}/{act}", present=PASSWORD, role="admin")).status_code == 404
    assert (await other_browser.open("/openings")).status_code == 200


@pytest.mark.parametrize("role", ["reader", "recruiter"])
async def test_other_roles_look_after_nobody(wiring: Wiring, browser: Browser, role: str) -> None:
    visitor = await joined(wiring, browser, role=role)
    page = await visitor.open("/members")
    assert page.status_code == 403 and "administrator of your organisation" in page.text
    assert 'href="/members"' not in (await visitor.open("/openings")).text
    await visitor.open("/openings")
    ids = await member_ids(wiring)
    for path in ("invite", "withdraw", f"{ids['jo']}/role", f"{ids['jo']}/remove"):
        assert (
            await visitor.send(f"/members/{path}", present=PASSWORD, address="al@acme.example", role="admin")
        ).status_code == 403


async def test_operators_look_after_operators(wiring: Wiring, admin: Browser, other_browser: Browser) -> None:
    """Guards: an operator would see, or invite into, an organisation by this page."""
    operator = await joined(wiring, other_browser, address="op@platform.example", role="operator", whose="operators")
    page = await operator.open("/members")
    assert "op@platform.example" in page.text and "ada@acme.example" not in page.text
    assert (
        await operator.send("/members/invite", present=PASSWORD, address="jo@acme.example", role="admin")
    ).status_code == 422
    ids = await member_ids(wiring)
    assert (await operator.send(f"/members/{ids['ada']}/remove", present=PASSWORD)).status_code == 404
