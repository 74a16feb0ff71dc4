"""The pages of openings, as a recruiter reads them."""

import pytest
from sqlmodel import select

from makersync.http.wiring import Wiring
from makersync.members.tables import MemberRow
from services.openings.tests.conftest import Caller, publish
from services.openings.tests.events import Counted, Feed, Match, counted
from tests.visiting.browser import Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("catalog")


async def test_the_list_shows_the_employers_openings_and_nobody_elses(acme: Caller, bolt: Caller, recruiter: Browser) -> None:
    await publish(acme, title="Five-axis machinist")
    await publish(bolt, title="Secret of Bolt")
    page = (await recruiter.open("/openings")).text
    assert "Five-axis machinist" in page and "Secret of Bolt" not in page


async def test_the_list_goes_on_and_is_filtered(acme: Caller, recruiter: Browser) -> None:
    for number in range(51):
        await publish(acme, title=f"Job {number:03}")
    first = (await recruiter.open("/openings?status=open")).text
    assert "Job 050" in first and "Job 000" not in first
    older = first.split('<p><a href="')[1].partition('"')[0].replace("&amp;", "&")
    assert "Job 000" in (await recruiter.open(older)).text
    assert "There are no openings with this status" in (await recruiter.open("/openings?status=closed")).text
    assert (await recruiter.open("/openings?status=strange")).status_code == 422


async def test_an_opening_shows_its_candidates_with_what_they_hold(
    acme: Caller, feed: Feed, opening_id: str, recruiter: Browser
) -> None:
    outcomes = [{"id": "cnc", "met": True, "evidence": "verified", "awards": ["awd_1"]}, {"id": "cpt", "met": False}]
    await feed.matches(Match(opening_id, "lrn_1").proposed(1, groups=outcomes, score=2857))
    page = (await recruiter.open(f"/openings/{opening_id}")).text
    assert all(said in page for said in ("1 candidate", "lrn_1", "2,857", "NIMS.CNC-OPERATOR", "verified", "not held"))


async def test_the_part_that_changes_shows_who_came_and_who_left_and_why(
    feed: Feed, opening_id: str, recruiter: Browser
) -> None:
    match = Match(opening_id, "lrn_1")
    part = f"/openings/{opening_id}/shortlist"
    assert "Nobody qualifies right now" in (await recruiter.open(part)).text
    await feed.matches(match.proposed(1))
    assert "1 candidate" in (await recruiter.open(part)).text
    await feed.matches(match.withdrawn(2, "credential_lapsed"))
    after = (await recruiter.open(part)).text
    assert "<html" not in after and "0 candidates" in after and "Recently removed candidates" in after


async def test_another_employers_opening_is_absent(bolt: Caller, recruiter: Browser) -> None:
    path = (await publish(bolt)).removeprefix("/v1")
    answers = [await recruiter.open(each) for each in (path, f"{path}/shortlist", "/openings/opn_unknown")]
    assert [each.status_code for each in answers] == [404, 404, 404]


async def test_markup_in_a_title_stays_text(acme: Caller, recruiter: Browser) -> None:
    await publish(acme, title='<script>alert("x")</script> & "quotes"')
    page = (await recruiter.open("/openings")).text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


async def test_pages_need_a_session_and_take_no_key(acme: Caller, browser: Browser, opening_id: str) -> None:
    for path in ("/", "/openings", f"/openings/{opening_id}", f"/openings/{opening_id}/shortlist", "/changes"):
        answer = await browser.open(path, **acme.headers)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"), path
    answer = await browser.open(
        f"/openings/{opening_id}/shortlist",
        **{"HX-Request": "true", "HX-Current-URL": "https://openings.example/openings/opn_1"},
    )
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?next=%2Fopenings%2Fopn_1")
    answer = await browser.open("/openings", **{"HX-Request": "true", "HX-Current-URL": "http://["})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


async def test_a_session_is_no_key(recruiter: Browser) -> None:
    assert (await recruiter.open("/v1/openings")).status_code == 401


async def test_a_member_of_a_role_that_is_gone_may_read_nothing(wiring: Wiring, browser: Browser, acme: Caller) -> None:
    visitor = await joined(wiring, browser)
    async with wiring.store.transaction() as session:
        (await session.exec(select(MemberRow))).one().role = "gone"
    answer = await visitor.open("/openings")
    assert answer.status_code == 403 and "Your role does not allow this" in answer.text


async def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(
    acme: Caller, recruiter: Browser, opening_id: str
) -> None:
    for path in ("/openings", f"/openings/{opening_id}", "/sign-in", "/openings/opn_unknown"):
        answer = await recruiter.open(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        text = answer.text
        assert "http://" not in text.replace("http://www.w3.org", "") and "https://" not in text
        assert " style=" not in text and " on" + "click" not in text and "<script>" not in text
        for asset in [part.partition('"')[0] for part in text.split('"/static/')[1:]]:
            file = await recruiter.http.get(f"/static/{asset}")
            assert file.status_code == 200 and "immutable" in file.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/openings/%00", "/openings/%FF", "/openings?after=%00", "/openings?after=nonsense", "/join/%00"]
)
async def test_an_address_that_makes_no_sense_is_refused(recruiter: Browser, path: str) -> None:
    answer = await recruiter.open(path)
    assert answer.status_code in (400, 410, 422) and "<html" in answer.text


@pytest.mark.parametrize(
    ("shortlisted", "fewer_than", "version", "said"),
    [
        (1, 5, 1, "fewer than 5"),
        (1, 1, 1, "not counted yet"),
        (0, 1, 1, "nobody"),
        (0, 5, 0, "not counted yet"),
        (0, None, 1, "not counted yet"),
    ],
)
async def test_counts_that_are_older_than_the_shortlist_or_the_terms_are_not_shown_as_those_of_now(
    feed: Feed, opening_id: str, recruiter: Browser, shortlisted: int, fewer_than: int | None, version: int, said: str
) -> None:
    """Guards: `nobody` beside four candidates. Learners are counted every 15 minutes, and shortlisted at once."""
    if fewer_than is not None:
        qualified = counted(1 if fewer_than > 1 else 0, fewer_than)
        await feed.reach(Counted(opening_id).at(1, version, qualified=qualified))
    if shortlisted:
        await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    page = (await recruiter.open("/openings")).text
    assert page.partition('data-label="Qualify">')[2].partition("<")[0].strip() == said
    own = (await recruiter.open(f"/openings/{opening_id}")).text
    assert ("How many qualify has not been counted yet" if said == "not counted yet" else f"How many qualify: {said}") in own
