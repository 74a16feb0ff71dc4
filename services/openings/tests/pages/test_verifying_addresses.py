"""Members verify their address, sign in with another one, and delete their account; the links that do it come by mail."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.claims import CLAIM
from makersync.members.forgetting import forgetting_members
from makersync.members.mailing import MOST_OF_MEMBER, MOST_TO_ADDRESS
from makersync.members.tables import AddressClaimRow, MemberMailRow, MemberRow
from makersync.store.tables import ActivityRow
from tests.visiting.browser import PASSWORD, Browser

from .authenticator import set_up
from .conftest import joined
from .post_office import posted
from .test_members import member_ids
from .test_recovering import asked

pytestmark = pytest.mark.usefixtures("acme", "bolt", "with_mail")
NEW, OTHER = "jo@new.example", "nine violet anvils sing at dawn"


@pytest.fixture
async def member(wiring: Wiring, browser: Browser) -> Browser:
    return await joined(wiring, browser)


async def link_to_verify(wiring: Wiring, member: Browser) -> str:
    assert "Mail me a link to verify it" in (await member.open("/account")).text
    answer = await member.send("/account/address/verify")
    assert "A link is mailed" in (await member.open(answer.headers["location"])).text
    [link] = (await posted(wiring)).links()
    return link


async def ask_for(member: Browser, address: str = NEW, **fields: str) -> str:
    """The page that follows."""
    await member.open("/account")
    answer = await member.send("/account/address", **{"present": PASSWORD, "address": address, **fields})
    assert answer.status_code == 303, answer.text
    return (await member.open(answer.headers["location"])).text


async def row_of(wiring: Wiring, address: str) -> MemberRow | None:
    async with wiring.store.reading() as session:
        return (await session.exec(select(MemberRow).where(MemberRow.address == address))).first()


async def acts(wiring: Wiring, organisation_id: str = "emp_acme") -> list[str]:
    async with wiring.store.reading() as session:
        mine = select(ActivityRow.action).where(ActivityRow.organisation_id == organisation_id)
        return [*await session.exec(mine.order_by(col(ActivityRow.id)))]


async def test_a_link_by_mail_verifies_the_address_once(wiring: Wiring, member: Browser, other_browser: Browser) -> None:
    """Whoever opens it need not be signed in there: people read mail on their telephones."""
    link = await link_to_verify(wiring, member)
    assert [(await other_browser.open(link)).status_code for _ in range(2)] == [200, 200], "programs open every link"
    assert "address not verified" in (await member.open("/account")).text
    assert (await other_browser.send_from("cross-site", link)).status_code == 403
    assert "Address confirmed" in (await other_browser.send(link)).text
    page = (await member.open("/account")).text
    assert "address not verified" not in page and "Mail me a link" not in page
    assert [(await other_browser.send(link)).status_code, (await other_browser.open(link)).status_code] == [410, 410]
    assert (await member.send("/account/address/verify")).status_code == 409
    assert (await acts(wiring))[-1] == "address_verified"


async def test_a_link_is_over_after_a_day_and_once_there_is_a_newer_one(
    wiring: Wiring, clock: ManualClock, member: Browser, other_browser: Browser
) -> None:
    first, second = [await link_to_verify(wiring, member) for _ in range(2)]
    assert (await other_browser.send(first)).status_code == 410
    clock.move_to(clock.now() + CLAIM)
    assert (await other_browser.send(second)).status_code == 410
    await forgetting_members(wiring.store, clock)()
    async with wiring.store.reading() as session:
        assert (await session.exec(select(AddressClaimRow))).all() == (await session.exec(select(MemberMailRow))).all() == []


async def test_another_address_holds_once_it_is_confirmed_and_the_one_before_is_told(
    wiring: Wiring, member: Browser, other_browser: Browser
) -> None:
    await member.send("/forgotten", address="jo@acme.example")
    [recovery] = (await posted(wiring)).links()
    assert "mailed to the new address" in await ask_for(member)
    office = await posted(wiring)
    assert office.to() == [NEW] and (await row_of(wiring, "jo@acme.example")) is not None
    [link] = office.links()
    assert "instead of another address" in (await other_browser.open(link)).text
    await other_browser.send(link)
    told = await posted(wiring)
    assert told.to() == ["jo@acme.example"] and "no longer signs in" in told.texts()[0] and NEW not in told.texts()[0]
    row = await row_of(wiring, NEW)
    assert row is not None and row.verified_at is not None and await row_of(wiring, "jo@acme.example") is None
    assert (await other_browser.open(recovery)).status_code == 410, "whoever reads the mail of before has no way in"
    assert [(await other_browser.sign_in(each)).status_code for each in ("jo@acme.example", NEW)] == [422, 303]
    assert [each for each in await acts(wiring) if "address" in each] == ["address_change_asked", "address_changed"]
    async with wiring.store.reading() as session:
        assert not [row for row in await session.exec(select(ActivityRow)) if "@" in str(row.model_dump())]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"present": "wrong words here"}, "is not your password"),
        ({"present": ""}, "is not your password"),
        ({"address": "no address"}, "must be one plain address"),
        ({"address": "JO@acme.example"}, "is the address that you sign in with now"),
    ],
)
async def test_a_change_that_is_refused_stays_in_its_form_and_writes_to_nobody(
    wiring: Wiring, member: Browser, fields: dict[str, str], said: str
) -> None:
    """Guards: whoever finds an open browser would take the account away."""
    await member.open("/account")
    sent = {"present": PASSWORD, "address": NEW} | fields
    answer = await member.send("/account/address", **sent)
    assert answer.status_code == 422 and answer.text.count(said) == 1 and f'value="{sent["address"]}"' in answer.text
    assert (await posted(wiring)).messages == []


async def test_a_member_with_a_second_step_gives_a_code_too(wiring: Wiring, clock: ManualClock, browser: Browser) -> None:
    app = await set_up(wiring, clock, browser)
    await browser.open("/account")
    for path in ("address", "leave"):
        answer = await browser.send(f"/account/{path}", present=PASSWORD, address=NEW)
        assert answer.status_code == 422 and "code" in answer.text
    assert "mailed to the new address" in await ask_for(browser, code=app.next_code())


async def test_whoever_asks_for_the_address_of_a_member_is_not_told_and_does_not_get_it(
    wiring: Wiring, member: Browser, other_browser: Browser
) -> None:
    await joined(wiring, other_browser, address="al@bolt.example", whose="emp_bolt")
    async with wiring.store.transaction() as session:
        mine = col(MemberRow.address) == "al@bolt.example"
        await session.exec(update(MemberRow).where(mine).values(verified_at=wiring.clock.now()))
    pages = [re.sub(r'value="[\w-]{20,}"', "", await ask_for(member, each)) for each in ("AL@bolt.example", "no@bolt.example")]
    assert pages[0] == pages[1]
    await ask_for(member, "al@bolt.example")
    office = await posted(wiring)
    assert office.to() == ["al@bolt.example"] and office.links() == [], "its owner has verified it: there is nothing to confirm"
    assert "nothing has changed" in office.texts()[0]
    assert (await row_of(wiring, "al@bolt.example")) is not None and await row_of(wiring, "jo@acme.example") is not None


async def test_the_owner_of_an_address_that_another_planted_takes_it_when_told_what_that_ends(
    wiring: Wiring, member: Browser, other_browser: Browser
) -> None:
    planted = await joined(wiring, other_browser, address=NEW, whose="emp_bolt")
    await ask_for(member)
    [link] = (await posted(wiring)).links()
    page = (await member.open(link)).text
    found = re.search(r'name="agreed" value="([^"]+)"', page)
    assert found is not None and "that account is deleted" in page
    assert (await member.send(link)).status_code == 409 and (await planted.open("/openings")).status_code == 200
    assert (await member.send(link, agreed=found[1])).status_code == 200
    row = await row_of(wiring, NEW)
    assert row is not None and row.organisation_id == "emp_acme" and (await planted.open("/openings")).status_code == 303
    assert (await acts(wiring, "emp_bolt"))[-1] == "address_claimed_by_owner"


async def test_a_recovery_by_mail_verifies_the_address_and_signs_out_whoever_planted_it(
    wiring: Wiring, member: Browser, other_browser: Browser
) -> None:
    [link] = await asked(wiring, other_browser)
    assert (await other_browser.send(link, password=OTHER)).status_code == 303
    row = await row_of(wiring, "jo@acme.example")
    assert row is not None and row.verified_at is not None
    assert (await member.open("/openings")).status_code == 303


async def test_a_recovery_leaves_a_planted_address_to_its_owner_where_a_second_step_keeps_the_owner_out(
    wiring: Wiring, clock: ManualClock, with_mail: None, browser: Browser, other_browser: Browser
) -> None:
    """Guards: whoever planted it has the authenticator, and nobody frees an address that is verified."""
    await set_up(wiring, clock, browser)
    [link] = await asked(wiring, other_browser)
    assert (await other_browser.send(link, password=OTHER)).status_code == 303
    row = await row_of(wiring, "jo@acme.example")
    assert row is not None and row.verified_at is None


@pytest.mark.parametrize("is_agreed", [True, False])
async def test_two_members_who_claim_the_addresses_of_each_other_wait_for_each_other_in_one_order(
    wiring: Wiring, member: Browser, other_browser: Browser, is_agreed: bool
) -> None:
    """Guards: each would hold itself and wait for the other until PostgreSQL ends one of them."""
    other = await joined(wiring, other_browser, address=NEW, whose="emp_bolt")
    links = []
    for each, wanted in ((member, NEW), (other, "jo@acme.example")):
        await ask_for(each, wanted)
        links += (await posted(wiring)).links()
    pages = [(await browser.open(link)).text for browser, link in zip((member, other), links, strict=True)]
    agreed = [re.search(r'name="agreed" value="([^"]+)"', page) for page in pages]
    said = [{"agreed": each[1]} if each and is_agreed else {} for each in agreed]
    sends = (b.send(link, **fields) for b, link, fields in zip((member, other), links, said, strict=True))
    answers = [each.status_code for each in await asyncio.gather(*sends)]
    assert sorted(answers) == ([200, 410] if is_agreed else [409, 409])


@pytest.mark.parametrize("act", ["password", "recovery", "removal"])
async def test_a_link_to_another_address_ends_with_the_password_and_with_the_member(
    wiring: Wiring, member: Browser, other_browser: Browser, act: str
) -> None:
    """Guards: whoever had the password for a while would take the account later."""
    await ask_for(member)
    [link] = (await posted(wiring)).links()
    if act == "password":
        await member.open("/account")
        assert (await member.send("/account/password", present=PASSWORD, password=OTHER)).status_code == 303
    elif act == "recovery":
        [recovery] = await asked(wiring, other_browser)
        await other_browser.send(recovery, password=OTHER)
    else:
        admin = await joined(wiring, other_browser, address="ada@acme.example", role="admin")
        await admin.open("/members")
        ids = await member_ids(wiring)
        assert (await admin.send(f"/members/{ids['jo']}/remove", present=PASSWORD)).status_code == 303
        async with wiring.store.reading() as session:
            [message] = (await session.exec(select(MemberMailRow))).all()
        left = (message.address, message.address_key, message.member_id, message.next_at)
        assert left == ("", "", None, None), "it counts as written, and the addresses of whoever left are forgotten"
    assert (await other_browser.send(link)).status_code == 410 and await row_of(wiring, NEW) is None


async def test_nobody_has_strangers_flooded(wiring: Wiring, clock: ManualClock, member: Browser) -> None:
    for number in range(MOST_OF_MEMBER):
        await ask_for(member, f"stranger{number}@new.example")
    await member.open("/account")
    sent = {"present": PASSWORD, "address": "another@new.example"}
    assert (await member.send("/account/address", **sent)).status_code == 429
    assert (await member.send("/account/address/verify")).status_code == 429
    assert len((await posted(wiring)).messages) == 1, "those that were replaced before they were sent are not"
    clock.move_to(clock.now() + timedelta(days=1))
    member = await joined(wiring, member, address="al@acme.example")
    for _ in range(MOST_TO_ADDRESS):
        await link_to_verify(wiring, member)
    assert (await member.send("/account/address/verify")).status_code == 429


async def test_whoever_deletes_the_account_frees_the_address(wiring: Wiring, member: Browser, other_browser: Browser) -> None:
    await member.open("/account")
    assert (await member.send("/account/leave", present="wrong words here")).status_code == 422
    answer = await member.send("/account/leave", present=PASSWORD)
    assert answer.headers["location"] == "/sign-in" and (await member.open("/openings")).status_code == 303
    await joined(wiring, other_browser, whose="emp_bolt")
    row = await row_of(wiring, "jo@acme.example")
    assert row is not None and row.organisation_id == "emp_bolt"


async def test_the_last_administrator_does_not_leave(wiring: Wiring, browser: Browser) -> None:
    admin = await joined(wiring, browser, role="admin")
    await admin.open("/account")
    answer = await admin.send("/account/leave", present=PASSWORD)
    assert answer.status_code == 409 and "last administrator" in answer.text
    assert (await admin.open("/openings")).status_code == 200


async def test_no_link_to_an_address_stands_in_the_database(wiring: Wiring, member: Browser) -> None:
    link = await link_to_verify(wiring, member)
    async with wiring.store.reading() as session:
        rows = [*await session.exec(select(AddressClaimRow)), *await session.exec(select(MemberMailRow))]
    assert len(rows) == 2 and link.rpartition("/")[2] not in " ".join(str(row.model_dump()) for row in rows)
