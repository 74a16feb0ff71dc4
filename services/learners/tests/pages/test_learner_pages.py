"""Learners on pages: registered, shown with all that is known, changed, and never overwritten unseen."""

import re

import httpx
import pytest
from markupsafe import escape

from makersync.http.wiring import Wiring
from services.learners.tests.conftest import Caller
from services.learners.tests.events import Feed, match, opening
from services.learners.tests.introducing import asked, candidate, change_learner
from services.learners.tests.samples import accepted, record, register
from services.learners.tests.test_pathways import SAFETY, refreshed
from tests.visiting.browser import Browser

from .conftest import joined

PROFILE = {
    "person.name": "Ada <b>Byron</b>",
    "person.email": "ada@example.org",
    "person.student_number": "A-0042",
    "zip": "17401",
    "reach_km": "25",
    "seeking": "yes",
    "consents_to_matching": "yes",
    "shifts": "evening",
    "wage_floor": "24.50",
}


def version_in(page: httpx.Response) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found is not None, page.text
    return found[1]


async def test_a_learner_is_registered_by_a_form_and_shown_as_typed(instructor: Browser, york: Caller) -> None:
    await instructor.open("/learners/new")
    answer = await instructor.send("/learners/new", **PROFILE)
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    page = await instructor.open(path)
    assert "Ada &lt;b&gt;Byron&lt;/b&gt;" in page.text and "$24.50 an hour" in page.text and "York" in page.text
    stored = accepted(await york.get(f"/v1{path}"))
    assert stored["wage_floor"] == 2450 and stored["shifts"] == ["evening"] and stored["consents_to_matching"]
    assert "Ada &lt;b&gt;" in (await instructor.open("/learners")).text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("person.name", " "),
        ("person.email", "nobody"),
        ("zip", "1740"),
        ("zip", "00000"),
        ("reach_km", "far"),
        ("reach_km", "301"),
        ("wage_floor", "much"),
        ("wage_floor", "1e400"),
        ("available_from", "2026-02-31"),
    ],
)
async def test_what_was_typed_stays_and_the_problem_stands_beside_its_field(instructor: Browser, name: str, value: str) -> None:
    await instructor.open("/learners/new")
    answer = await instructor.send("/learners/new", **PROFILE | {name: value})
    assert answer.status_code == 422 and f'id="{name}-error"' in answer.text, answer.text
    for other, text in (PROFILE | {name: value}).items():
        assert other in ("shifts", "seeking", "consents_to_matching") or f'value="{escape(text)}"' in answer.text, other
    assert answer.text.count(" checked") == 3
    assert "no learners yet" in (await instructor.open("/learners")).text


async def test_a_learner_s_page_names_awards_jobs_steps_and_introductions(
    instructor: Browser, york: Caller, feed: Feed
) -> None:
    learner_id = await candidate(york)
    await record(york, learner_id, expires_on="2027-01-10")
    said = {"employer_name": "Werk & Co", "wage_min": 2350, "wage_max": 2825, "closes_on": "2027-01-04"}
    await feed.batch(opening(1, **said), opening(1, "opn_2", title="Safety lead"))
    await feed.batch(match("MatchProposed", 1, learner_id), refreshed(1, learner_id, {SAFETY: 3}))
    await feed.batch(asked(learner_id))
    text = (await instructor.open(f"/learners/{learner_id}")).text
    for said_there in (
        "expires soon",
        "49 days left",
        "not independently verified",
        "Mill operator",
        "Werk &amp; Co",
        "$23.50 to $28.25 an hour",
    ):
        assert said_there in text, said_there
    assert "York, PA" in text and "One step from 3 jobs" in text and "CNC machinist at Lakeshore Precision" in text
    assert "waiting for an answer" in text


async def test_learners_are_searched_by_name_address_and_number(instructor: Browser, york: Caller) -> None:
    person = {"name": "José <i>", "email": "jn@college.example", "student_number": "A-0042"}
    await register(york, person=person)
    await register(york)
    for words in ("jose", "JN@coll", "a-00"):
        page = (await instructor.open(f"/learners?q={words}")).text
        assert "José &lt;i&gt;" in page and "A-0042" in page and "Ada Byron" not in page
    nobody = (await instructor.open("/learners?q=<b>nobody")).text
    assert "No learner matches" in nobody and 'value="&lt;b&gt;nobody"' in nobody and "Show all" in nobody


async def test_whoever_may_be_registered_twice_is_pointed_out(instructor: Browser, york: Caller, lima: Caller) -> None:
    first = await register(york, person={"name": "Ada B.", "student_number": "A-17"})
    same_number = await register(york, person={"name": "Ada Byron", "email": "a@x.example", "student_number": "a17"})
    same_address = await register(york, person={"name": "A. Byron", "email": "A@X.example"})
    named_so = await register(york, person={"name": "a17"})
    await register(lima, person={"name": "Ada of Lima", "student_number": "A-17"})
    pages = {each: (await instructor.open(f"/learners/{each}")).text for each in (first, same_number, same_address, named_so)}
    assert f'/learners/{same_number}"' in pages[first] and f'/learners/{same_address}"' not in pages[first]
    assert f'/learners/{first}"' in pages[same_number] and f'/learners/{same_address}"' in pages[same_number]
    assert all("Lima" not in page and f'/learners/{named_so}"' not in page for page in (pages[first], pages[same_number]))
    assert "registered twice" not in pages[named_so]


async def test_two_tabs_do_not_overwrite_each_other_and_nothing_typed_is_lost(instructor: Browser, york: Caller) -> None:
    learner_id = await register(york)
    path = f"/learners/{learner_id}/profile"
    version = version_in(await instructor.open(path))
    await change_learner(york, learner_id, reach_km=77)
    answer = await instructor.send(path, version=version, **PROFILE)
    assert answer.status_code == 412 and "Somebody else has changed this learner" in answer.text
    assert 'value="25"' in answer.text and "Saved now: 77" in answer.text
    instructor.form_token = re.search(r'name="form_token" value="([^"]+)"', answer.text)[1]  # type: ignore[index]
    again = await instructor.send(path, version=version_in(answer), **PROFILE)
    assert again.status_code == 303
    assert accepted(await york.get(f"/v1/learners/{learner_id}"))["reach_km"] == 25


async def test_consent_is_withdrawn_and_given(instructor: Browser, york: Caller) -> None:
    learner_id = await candidate(york)
    for wanted in ("no", "yes"):
        page = await instructor.open(f"/learners/{learner_id}")
        form = {"version": version_in(page), "consents_to_matching": wanted}
        assert (await instructor.send(f"/learners/{learner_id}/consent", **form)).status_code == 303
        assert accepted(await york.get(f"/v1/learners/{learner_id}"))["consents_to_matching"] == (wanted == "yes")


async def test_learners_of_others_are_absent(instructor: Browser, stranger: Browser, york: Caller) -> None:
    learner_id = await register(york)
    award_id = await record(york, learner_id)
    assert "Ada" not in (await stranger.open("/learners")).text
    paths = (f"/learners/{learner_id}", f"/learners/{learner_id}/profile", f"/learners/{learner_id}/awards/new")
    for path in (*paths, f"/learners/{learner_id}/awards/{award_id}"):
        answer = await stranger.open(path)
        assert answer.status_code == 404 and "Ada" not in answer.text
    await stranger.open("/learners/new")
    for path in (paths[1], f"/learners/{learner_id}/consent", f"/learners/{learner_id}/awards/{award_id}/revocation"):
        assert (await stranger.send(path, version="2", **PROFILE)).status_code == 404
    assert accepted(await york.get(f"/v1/learners/{learner_id}"))["version"] == 2


async def test_a_reader_sees_and_changes_nothing(wiring: Wiring, browser: Browser, york: Caller) -> None:
    learner_id = await register(york)
    award_id = await record(york, learner_id)
    reader = await joined(wiring, browser, role="reader")
    one = f"/learners/{learner_id}"
    for path in ("/learners", one, f"{one}/awards/{award_id}"):
        page = await reader.open(path)
        assert page.status_code == 200 and '<form method="post" action="/learners' not in page.text
    for path in ("/learners/new", f"{one}/profile", f"{one}/awards/new"):
        assert (await reader.open(path)).status_code == 403
    await reader.open("/learners")
    for path in ("/learners/new", f"{one}/profile", f"{one}/consent", f"{one}/awards/{award_id}/suspension"):
        assert (await reader.send(path, version="2", **PROFILE)).status_code == 403
