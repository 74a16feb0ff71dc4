"""An address that somebody signs in with: whoever invites it learns nothing, its owner is told and decides, and nobody takes it
from a member who has verified it."""

import asyncio
import re
from collections.abc import Mapping

import pytest
from sqlmodel import col, select, update

from makersync.http.wiring import Wiring
from makersync.members.tables import MemberInvitationRow, MemberMailRow, MemberRow
from makersync.store.tables import ActivityRow
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser
from tests.visiting.plans import recorded

from .authenticator import set_up
from .conftest import invited, joined
from .post_office import posted
from .test_members import member_ids

pytestmark = pytest.mark.usefixtures("acme", "bolt")
NEW = "five blue kettles at noon"


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser) -> Browser:
    return await joined(wiring, browser, address="ada@acme.example", role="admin")


@pytest.fixture
async def holder(wiring: Wiring, other_browser: Browser) -> Browser:
    """A member of another employer, with an address that was never verified."""
    return await joined(wiring, other_browser, address="jo@bolt.example", role="admin", whose="emp_bolt")


async def verify(wiring: Wiring, address: str = "jo@bolt.example") -> None:
    async with wiring.store.transaction() as session:
        mine = col(MemberRow.address) == address
        await session.exec(update(MemberRow).where(mine).values(verified_at=wiring.clock.now()))


async def invite(inviter: Browser, address: str = "jo@bolt.example") -> str:
    """What the inviter is shown, without what differs between any two invitations."""
    await inviter.open("/members")
    answer = await inviter.send("/members/invite", present=PASSWORD, address=address, role="reader")
    if answer.status_code == 303:
        answer = await inviter.open(answer.headers["location"])
    shown = answer.text.replace(address, "ADDRESS")
    return re.sub(r'/join/[^<]+|value="[\w-]{20,}"', "", shown)


async def organisations(wiring: Wiring) -> Mapping[str, str]:
    async with wiring.store.reading() as session:
        return {row.address: row.organisation_id for row in await session.exec(select(MemberRow))}


async def link_to(wiring: Wiring, admin: Browser, address: str = "jo@bolt.example") -> str:
    await invite(admin, address)
    [link] = (await posted(wiring)).links()
    return link


def agreed_in(page: str) -> str:
    found = re.search(r'name="agreed" value="([^"]+)"', page)
    return found[1] if found else ""


@pytest.mark.parametrize("is_verified", [True, False])
async def test_whoever_invites_is_not_told_where_links_are_mailed(
    wiring: Wiring, with_mail: None, admin: Browser, holder: Browser, is_verified: bool
) -> None:
    await demand_nothing_told(wiring, admin, is_verified)


@pytest.mark.parametrize("is_verified", [True, False])
async def test_whoever_invites_is_not_told_where_links_are_shown(
    wiring: Wiring, admin: Browser, holder: Browser, is_verified: bool
) -> None:
    await demand_nothing_told(wiring, admin, is_verified)


async def demand_nothing_told(wiring: Wiring, admin: Browser, is_verified: bool) -> None:
    """The page, what is kept and the queries, and so the time, are the same as for an address of nobody."""
    if is_verified:
        await verify(wiring)
    shown, asked = [], []
    for address in ("jo@bolt.example", "no@bolt.example"):
        with recorded(wiring.store) as queries:
            shown.append(await invite(admin, address))
        asked.append([query.statement for query in queries])
        async with wiring.store.reading() as session:
            kept = len([*await session.exec(select(MemberInvitationRow)), *await session.exec(select(MemberMailRow))])
        await admin.send("/members/withdraw", address=address)
        shown.append(str(kept)) if len(shown) == 1 else None
    assert shown[0] == shown[2] and asked[0] == asked[1] and "already" not in shown[0]


async def test_no_key_is_told_either(with_mail: None, operator: Caller, holder: Browser) -> None:
    path = "/v1/employers/emp_acme/member-invitations"
    answers = [
        await operator.post(path, {"address": each, "role": "reader"}) for each in ("JO@bolt.example", "no@bolt.example")
    ]
    assert [each.status_code for each in answers] == [201, 201]
    assert {frozenset(each.json()) for each in answers} == {frozenset(answers[0].json())}


@pytest.mark.parametrize("written", ["jo@bolt.example", "JO@BOLT.example"])
async def test_the_owner_is_told_and_keeps_an_account_whose_address_is_verified(
    wiring: Wiring, with_mail: None, admin: Browser, holder: Browser, written: str
) -> None:
    """Guards: an organisation would take the member of another by an invitation."""
    await verify(wiring)
    await invite(admin, written)
    office = await posted(wiring)
    [text], [link] = office.texts(), office.links()
    assert "signs in for another organisation already" in text and "delete your account there" in text
    page = (await admin.open(link)).text
    assert "signs in for" in page and 'name="password"' not in page
    ids = await member_ids(wiring)
    for agreed in ("", ids["jo"]):
        answer = await admin.send(link, name="Jo", password=NEW, agreed=agreed)
        assert answer.status_code == 409
    assert (await organisations(wiring))["jo@bolt.example"] == "emp_bolt"
    assert (await holder.open("/openings")).status_code == 200


async def test_the_owner_of_an_address_that_another_organisation_planted_takes_it_by_an_invitation(
    wiring: Wiring, with_mail: None, admin: Browser, holder: Browser
) -> None:
    link = await link_to(wiring, admin)
    page = (await admin.open(link)).text
    assert "has never verified it" in page and "that account is deleted" in page
    unasked = await admin.send(link, name="Jo", password=NEW)
    assert unasked.status_code == 409 and (await organisations(wiring))["jo@bolt.example"] == "emp_bolt"
    answer = await admin.send(link, name="Jo", password=NEW, agreed=agreed_in(page))
    assert answer.status_code == 303
    assert (await organisations(wiring))["jo@bolt.example"] == "emp_acme"
    assert (await holder.open("/openings")).status_code == 303, "whoever planted it is signed out"
    async with wiring.store.reading() as session:
        noted = select(ActivityRow.action).where(ActivityRow.organisation_id == "emp_bolt").order_by(col(ActivityRow.id))
        assert (await session.exec(noted)).all()[-1] == "address_claimed_by_owner"


async def test_a_second_step_keeps_no_planted_address(
    wiring: Wiring, clock: object, with_mail: None, browser: Browser, other_browser: Browser
) -> None:
    """Guards: recovery leaves the second step as it is, so that whoever plants an address with one would keep it for ever."""
    await set_up(wiring, clock, other_browser)  # type: ignore[arg-type]
    admin = await joined(wiring, browser, address="bo@bolt.example", role="admin", whose="emp_bolt")
    link = await link_to(wiring, admin, "jo@acme.example")
    agreed = agreed_in((await admin.open(link)).text)
    assert (await admin.send(link, name="Jo", password=NEW, agreed=agreed)).status_code == 303
    assert (await organisations(wiring))["jo@acme.example"] == "emp_bolt"
    signed_in = await other_browser.sign_in("jo@acme.example", NEW)
    assert signed_in.headers["location"] == "/", "the code that was asked for is forgotten too"


async def test_the_owner_who_made_the_link_as_another_member_joins_with_it(
    wiring: Wiring, with_mail: None, browser: Browser
) -> None:
    """Guards: the links of a member end with the member, and this one is in use."""
    op = await joined(wiring, browser, address="op@acme.example", role="operator", whose="operators")
    await op.open("/organisations/emp_bolt")
    sent = {"present": PASSWORD, "address": "op@acme.example", "role": "admin"}
    assert (await op.send("/organisations/emp_bolt/invite", **sent)).status_code == 303
    [link] = (await posted(wiring)).links()
    agreed = agreed_in((await op.open(link)).text)
    assert (await op.send(link, name="Jo", password=NEW, agreed=agreed)).status_code == 303
    assert await organisations(wiring) == {"op@acme.example": "emp_bolt"}


async def test_a_link_that_was_shown_takes_no_address_and_tells_nothing_before_it_is_used(
    wiring: Wiring, admin: Browser, holder: Browser
) -> None:
    """Guards: without mail, whoever invites has the link, and would be the owner."""
    link = await invited(wiring, address="jo@bolt.example")
    page = (await admin.open(link)).text
    assert "already" not in page and "agreed" not in page
    ids = await member_ids(wiring)
    answer = await admin.send(link, name="Jo", password=NEW, agreed=ids["jo"])
    assert answer.status_code == 409 and "Operators of the platform can free it" in answer.text
    assert "Bolt" not in answer.text and (await holder.open("/openings")).status_code == 200


async def test_whoever_verifies_while_the_owner_reads_the_page_keeps_the_address(
    wiring: Wiring, with_mail: None, admin: Browser, holder: Browser
) -> None:
    link = await link_to(wiring, admin)
    agreed = agreed_in((await admin.open(link)).text)
    await verify(wiring)
    answer = await admin.send(link, name="Jo", password=NEW, agreed=agreed)
    assert answer.status_code == 409 and 'name="password"' not in answer.text
    assert (await organisations(wiring))["jo@bolt.example"] == "emp_bolt"


async def test_of_two_organisations_that_invite_an_address_one_gets_the_member(
    wiring: Wiring, with_mail: None, admin: Browser, other_browser: Browser
) -> None:
    other = await joined(wiring, other_browser, address="bo@bolt.example", role="admin", whose="emp_bolt")
    for inviter in (admin, other):
        await invite(inviter, "jo@new.example")
    links = (await posted(wiring)).links()
    sent = [each.send(link, name="Jo", password=NEW) for each, link in zip((admin, other), links, strict=True)]
    assert sorted(each.status_code for each in await asyncio.gather(*sent)) == [303, 409]
    async with wiring.store.reading() as session:
        [joined_by] = (await session.exec(select(MemberRow).where(MemberRow.address == "jo@new.example"))).all()
    assert joined_by.verified_at is not None


@pytest.mark.parametrize("address", ["\uff4ao@bolt.example", "jo@b\u00f6lt.example", "j\u043e@bolt.example"])
async def test_an_address_that_only_looks_like_another_is_refused(admin: Browser, address: str) -> None:
    await admin.open("/members")
    answer = await admin.send("/members/invite", present=PASSWORD, address=address, role="reader")
    assert answer.status_code == 422 and "in ASCII" in answer.text


async def test_a_message_goes_to_the_address_of_the_member_and_not_to_what_was_typed(
    wiring: Wiring, with_mail: None, browser: Browser
) -> None:
    """Guards: U+212A in lower case is a plain k, so that a message to what was typed could reach another domain."""
    await joined(wiring, browser, address="kim@acme.example")
    await browser.send("/forgotten", address="\u212aim@acme.example")
    assert (await posted(wiring)).to() == ["kim@acme.example"]
