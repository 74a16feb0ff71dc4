"""Demand on pages: where most is blocked, a cell with its past and method, what a cohort would do, and planning it."""

import re

import pytest

from makersync.http.wiring import Wiring
from services.learners.tests.conftest import Caller
from services.learners.tests.events import REGION, Feed, opening, signal
from services.learners.tests.introducing import candidate
from services.learners.tests.samples import BADGE, accepted
from services.learners.tests.test_pathways import refreshed
from tests.visiting.browser import Browser

from .conftest import joined

CELL = f"/demand/{REGION}/credential:{BADGE}"
MILLING = "competency:machining.cnc-milling@3"


@pytest.fixture
async def learner_id(york: Caller) -> str:
    """With the learner, the region is the provider's."""
    return await candidate(york)


async def test_the_list_has_the_provider_s_regions_where_most_is_blocked_first(
    instructor: Browser, learner_id: str, feed: Feed
) -> None:
    away = signal("ShortageRaised", 1, "credential:osha:10-general-industry", region="29540")
    await feed.batch(signal("ShortageRaised", 1, blocked=2), signal("ShortageRaised", 1, MILLING, blocked=7), away)
    await feed.batch(refreshed(1, learner_id, {BADGE: 3}))
    page = (await instructor.open("/demand")).text
    assert page.index(", level 3<") < page.index(f"/demand/{REGION}/credential")
    assert "1 learner via CNC Milling: Operations" in page and "York-Hanover, PA" in page and "▲▲" in page
    assert "osha:10" not in page and "OSHA" not in page
    assert "OSHA" in (await instructor.open("/demand?region=29540")).text
    assert ", level 3<" not in (await instructor.open("/demand?kind=credential")).text
    assert "Nothing matches this filter" in (await instructor.open("/demand?level=surplus")).text
    assert (await instructor.open("/demand?level=high")).status_code == 422


async def test_without_learners_the_page_says_what_to_do_first(instructor: Browser) -> None:
    page = await instructor.open("/demand")
    assert "no labour markets of yours" in page.text and "/learners/new" in page.text


async def test_nothing_is_shown_under_the_evidence_guard(instructor: Browser, learner_id: str, feed: Feed) -> None:
    await feed.batch(signal("ShortageRevised", 1, level="insufficient_data", level_ahead="insufficient_data", demand=4321))
    assert "CNC" not in (await instructor.open("/demand")).text
    for path in ("/demand?level=insufficient_data", CELL):
        page = (await instructor.open(path)).text
        assert "4.3" not in page and ("not shown" in page or "none are shown" in page)


async def test_a_cell_has_its_method_in_words_its_past_and_what_a_cohort_would_do(
    instructor: Browser, learner_id: str, feed: Feed
) -> None:
    await feed.batch(signal("ShortageRaised", 1, day="2026-10-01", tightness=1600), signal("ShortageRevised", 2))
    await feed.batch(opening(1, title="Mill <i>"))
    named = [{"credential": BADGE, "unlocked": 3, "openings": ["opn_1"]}]
    await feed.batch(refreshed(1, learner_id, {}, credentials=named))
    page = (await instructor.open(f"{CELL}?seats=6")).text
    for said in ("7 live openings of 4 employers", "(9 + 2) / (1 + 2) = <strong>3.67</strong>", "1.60", "Mill &lt;i&gt;"):
        assert said in page, said
    # (9 + 2) / (1 + 2 + 6 + 2) = 1.00
    assert re.search(r"6 seats <strong>\(yours\)</strong>.*?1\.00.*?balanced", page, re.S)
    assert "3 seats would end the expected shortage" in page


@pytest.mark.parametrize("path", ["/demand/49620/credential:none", "/demand/x/y", "/demand/49620/competency:a@1"])
async def test_cells_that_never_were_are_absent(instructor: Browser, path: str) -> None:
    assert (await instructor.open(path)).status_code == 404


async def test_a_cohort_is_planned_from_the_page_and_refused_beside_its_field(
    instructor: Browser, york: Caller, feed: Feed
) -> None:
    await feed.batch(signal("ShortageRaised", 1))
    await instructor.open(CELL)
    fields = {"credential": BADGE, "seats": "12", "starts_on": "2027-01-04", "ends_on": "2027-03-26"}
    for name, value in (("seats", "many"), ("seats", "0"), ("ends_on", "2020-01-01"), ("credential", "none:such")):
        answer = await instructor.send(f"{CELL}/cohort", **fields | {name: value})
        assert answer.status_code == 422 and f'id="{name}-error"' in answer.text, (name, answer.text)
        assert "2027-01-04" in answer.text
    assert accepted(await york.get("/v1/cohorts"))["items"] == []
    answer = await instructor.send(f"{CELL}/cohort", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{CELL}#cohorts")
    [cohort] = accepted(await york.get("/v1/cohorts"))["items"]
    assert (cohort["seats"], cohort["region"]) == (12, REGION)
    assert "12 seats, 0 taken" in (await instructor.open(CELL)).text


async def test_others_see_none_of_the_provider_s_learners_and_cohorts(
    instructor: Browser, stranger: Browser, learner_id: str, york: Caller, feed: Feed
) -> None:
    await feed.batch(signal("ShortageRaised", 1))
    await feed.batch(refreshed(1, learner_id, {BADGE: 3}))
    plan = {"credential": BADGE, "region": REGION, "seats": 77, "starts_on": "2027-01-04", "ends_on": "2027-03-26"}
    accepted(await york.post("/v1/cohorts", plan))
    assert "77 seats" in (await instructor.open(CELL)).text
    page = (await stranger.open(CELL)).text
    assert "77 seats" not in page and "0 learners" in page and "You have none" in page
    assert "1 learner" not in (await stranger.open(f"/demand?region={REGION}")).text


async def test_a_reader_plans_nothing(wiring: Wiring, browser: Browser, york: Caller, feed: Feed) -> None:
    await feed.batch(signal("ShortageRaised", 1))
    reader = await joined(wiring, browser, role="reader")
    assert "Plan a cohort" not in (await reader.open(CELL)).text
    assert (await reader.send(f"{CELL}/cohort", credential=BADGE, seats="5")).status_code == 403
