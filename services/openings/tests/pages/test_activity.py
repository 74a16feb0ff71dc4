"""Who did what in an organisation: people and keys, in the transaction of the act, for its administrators alone."""

import csv
import html
import io
from datetime import timedelta

import pytest
from sqlmodel import col, select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.runtime.housekeeping import housekeeping
from makersync.runtime.service import Context
from makersync.store.tables import ActivityRow
from services.openings.tests.conftest import Caller, publish
from services.openings.tests.events import Feed
from services.openings.tests.introductions.scenes import CONTACT, Scene
from tests.visiting.browser import PASSWORD, Browser

from .conftest import invited, joined

pytestmark = pytest.mark.usefixtures("acme", "catalog")


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser) -> Browser:
    return await joined(wiring, browser, address="ada@acme.example", role="admin")


async def noted(wiring: Wiring, whose: str = "emp_acme") -> list[tuple[str, str, str]]:
    """Who did what, and to what, in the order in which it happened."""
    mine = select(ActivityRow).where(ActivityRow.organisation_id == whose).order_by(col(ActivityRow.id))
    async with wiring.store.reading() as session:
        return [(row.actor.partition(":")[0], row.action, row.subject) for row in await session.exec(mine)]


async def test_what_a_key_does_is_noted_with_the_key(wiring: Wiring, acme: Caller) -> None:
    opening_id = (await publish(acme, title="Welder")).rpartition("/")[2]
    assert (await acme.change("POST", f"/v1/openings/{opening_id}/closing", 1)).status_code == 200
    assert await noted(wiring) == [("key", "opening_published", opening_id), ("key", "opening_closed", opening_id)]


async def test_what_is_refused_or_repeated_is_noted_once(wiring: Wiring, acme: Caller) -> None:
    """Guards: the log would say that something was done twice, or at all."""
    body = {"url": "https://hooks.example/in", "types": ["match.proposed"]}
    for _ in range(2):
        await acme.post("/v1/webhooks", body, Idempotency_Key="once")
    await acme.post("/v1/webhooks", body | {"url": "ftp://hooks.example"})
    assert [action for _, action, _ in await noted(wiring)] == ["webhook_made"]


async def test_what_a_person_does_on_a_page_is_noted_with_the_person(
    wiring: Wiring, acme: Caller, feed: Feed, browser: Browser
) -> None:
    opening_id = (await publish(acme, title="Welder")).rpartition("/")[2]
    await Scene(acme, feed, opening_id).propose("lrn_1")
    visitor = await joined(wiring, browser)
    ask = f"/openings/{opening_id}/candidates/lrn_1/introduction"
    await visitor.open(ask)
    introduction = (await visitor.send(ask, contact=CONTACT)).headers["location"]
    assert (await noted(wiring))[-1] == ("member", "introduction_requested", introduction.rpartition("/")[2])


async def test_what_happens_by_itself_is_noted_for_nobody(wiring: Wiring, acme: Caller, feed: Feed) -> None:
    opening_id = (await publish(acme, title="Welder")).rpartition("/")[2]
    before = await noted(wiring)
    await Scene(acme, feed, opening_id).propose("lrn_1")
    assert await noted(wiring) == before


async def test_the_coming_and_going_of_members_is_noted(
    wiring: Wiring, operator: Caller, admin: Browser, other_browser: Browser
) -> None:
    await other_browser.send(await invited(wiring), name="Jo Miller", password=PASSWORD)
    await other_browser.sign_in("jo@acme.example")
    [jo] = [each for each in (await operator.get("/v1/employers/emp_acme/members")).json()["items"] if each["name"] != "Ada"][
        -1:
    ]
    await admin.open("/members")
    await admin.send(f"/members/{jo['member_id']}/role", present=PASSWORD, role="reader")
    await operator.send("DELETE", f"/v1/employers/emp_acme/members/{jo['member_id']}")
    assert (await noted(wiring))[2:] == [
        ("operators", "member_invited", ""),
        ("member", "member_joined", jo["member_id"]),
        ("member", "signed_in", jo["member_id"]),
        ("member", "role_changed", jo["member_id"]),
        ("operators", "member_removed", jo["member_id"]),
    ]


async def test_the_end_of_sessions_is_noted(wiring: Wiring, admin: Browser) -> None:
    """Guards: whoever ends the others' sessions with a stolen cookie left no trace."""
    await admin.open("/account")
    await admin.send("/account/sessions/end-others")
    await admin.send("/sign-out")
    assert [action for _, action, _ in await noted(wiring)][-2:] == ["other_sessions_ended", "signed_out"]


async def test_an_operators_acts_upon_keys_are_the_platforms(wiring: Wiring, operator: Caller) -> None:
    """Guards: an employer would learn the id of an operator's key."""
    employer = (await operator.post("/v1/employers", {"name": "Bolt & Co"})).json()["employer_id"]
    answer = await operator.post(f"/v1/employers/{employer}/keys", {"name": "HR", "scopes": ["openings:read"]})
    assert await noted(wiring, employer) == [("operators", "key_issued", answer.json()["key"]["id"])]


async def test_administrators_see_it_in_words_and_find_what_they_look_for(wiring: Wiring, acme: Caller, admin: Browser) -> None:
    opening_id = (await publish(acme, title="Welder")).rpartition("/")[2]
    page = (await admin.open("/activity")).text
    assert all(each in page for each in ("Opening published", "API key", opening_id, "Member joined", "Jo Miller"))
    for query, is_there in (
        (f"subject={opening_id}", True),
        ("action=opening_published", True),
        ("action=opening_closed", False),
        ("actor=operators", False),
        ("actor=%27+or+1%3D1", False),
    ):
        shown = (await admin.open(f"/activity?{query}")).text
        assert (">Opening published<" in shown.replace("\n", "")) is is_there, query


async def test_the_pages_of_the_log_lead_through_all_of_it(wiring: Wiring, acme: Caller, admin: Browser) -> None:
    opening_id = (await publish(acme, title="Welder")).rpartition("/")[2]
    for version, step in enumerate(("closing", "reopening") * 30, start=1):
        await acme.change("POST", f"/v1/openings/{opening_id}/{step}", version)
    page, shown = (await admin.open(f"/activity?subject={opening_id}")).text, 0
    while True:
        shown += page.count('<th scope="row">')
        if ">Earlier<" not in page:
            break
        following = html.unescape(page.split('href="/activity?')[1].split('"')[0])
        page = (await admin.open(f"/activity?{following}")).text
    assert shown == 61


async def test_the_log_is_downloaded_as_a_file(acme: Caller, admin: Browser) -> None:
    opening_id = (await publish(acme, title="Welder")).rpartition("/")[2]
    answer = await admin.open("/activity.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer.headers["content-disposition"] == 'attachment; filename="activity.csv"'
    assert [row["action"] for row in rows if row["subject"] == opening_id] == ["opening_published"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("role", ["reader", "recruiter"])
async def test_other_roles_do_not_see_it(wiring: Wiring, browser: Browser, role: str) -> None:
    visitor = await joined(wiring, browser, role=role)
    assert [(await visitor.open(path)).status_code for path in ("/activity", "/activity.csv")] == [403, 403]


async def test_programs_read_it_with_a_key_that_manages_keys(acme: Caller, bolt: Caller) -> None:
    opening_id = (await publish(bolt, title="Welder")).rpartition("/")[2]
    [act] = (await bolt.get("/v1/audit", subject=opening_id)).json()["items"]
    assert (act["action"], act["subject"]) == ("opening_published", opening_id)
    assert "opening_published" in (await bolt.get("/v1/exports/activity")).text
    assert [(await acme.get(path)).status_code for path in ("/v1/audit", "/v1/exports/activity")] == [403, 403]


async def test_an_organisation_sees_nothing_of_another(
    wiring: Wiring, acme: Caller, bolt: Caller, admin: Browser, other_browser: Browser
) -> None:
    opening_id = (await publish(bolt, title="Welder")).rpartition("/")[2]
    assert opening_id not in (await admin.open("/activity")).text
    assert opening_id not in (await admin.open("/activity.csv")).text
    stranger = await joined(wiring, other_browser, address="bo@bolt.example", role="admin", whose="emp_bolt")
    page = (await stranger.open("/activity")).text
    assert opening_id in page and "ada@acme" not in page


async def test_it_is_kept_for_a_time_that_operators_set(
    wiring: Wiring, clock: ManualClock, context: Context, acme: Caller
) -> None:
    await publish(acme, title="Welder")
    [forget] = [each.step for each in housekeeping(context) if each.name == "forget old activity"]
    clock.move_to(clock.now() + timedelta(days=context.settings.keep_activity_days - 1))
    await forget()
    assert len(await noted(wiring)) == 1
    clock.move_to(clock.now() + timedelta(days=2))
    await forget()
    assert await noted(wiring) == []


async def test_a_removed_member_leaves_an_id_behind_and_no_name(
    wiring: Wiring, admin: Browser, other_browser: Browser, operator: Caller
) -> None:
    await joined(wiring, other_browser)
    [_, jo] = (await operator.get("/v1/employers/emp_acme/members")).json()["items"]
    await admin.open("/members")
    await admin.send(f"/members/{jo['member_id']}/remove", present=PASSWORD)
    page = (await admin.open(f"/activity?subject={jo['member_id']}")).text
    assert "A former member" in page and "jo@acme" not in page
