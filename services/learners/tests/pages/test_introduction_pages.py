"""Introductions on pages: answered by the provider, or by the learner by a link."""

import re

import httpx
import pytest
from sqlmodel import select

from makersync.http.wiring import Wiring
from makersync.store.tables import ActivityRow
from services.learners.tests.conftest import Caller
from services.learners.tests.events import Feed
from services.learners.tests.introducing import asked, candidate, hired, introduction
from services.learners.tests.samples import record
from tests.visiting.browser import Browser

from .conftest import joined

PATH = "/introductions/int_1"


@pytest.fixture
async def learner_id(york: Caller, feed: Feed) -> str:
    learner_id = await candidate(york, person={"name": "Ada <Byron>", "email": "ada@example.org"})
    award_id = await record(york, learner_id)
    outcomes = [{"id": "milling", "met": True, "evidence": "verified", "awards": [award_id]}, {"id": "cam", "met": False}]
    await feed.batch(asked(learner_id, outcomes=outcomes))
    return learner_id


async def act(instructor: Browser, step: str, **fields: str) -> httpx.Response:
    """Send a form of the page as it is now."""
    page = await instructor.open(PATH)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None, "the page has no form"
    return await instructor.send(f"{PATH}/{step}", version=version[1], **fields)


async def test_those_that_wait_come_first(instructor: Browser, learner_id: str, york: Caller, feed: Feed) -> None:
    await feed.batch(asked(learner_id, name="int_0", status="withdrawn", kind="IntroductionWithdrawn", message=None))
    page = (await instructor.open("/introductions")).text
    assert page.index("Waiting for an answer") < page.index("/introductions/int_1") < page.index("/introductions/int_0")
    assert "Ada &lt;Byron&gt;" in page and "CNC machinist" in page


async def test_one_shows_the_job_and_what_it_asks_for(instructor: Browser, learner_id: str) -> None:
    page = (await instructor.open(PATH)).text
    for said in ("CNC machinist", "Lakeshore Precision", "York, PA", "$23.50 to $28.25 an hour", "Come and see our mill."):
        assert said in page
    assert "milling: CNC Milling" in page and "cam: not held" in page


async def test_it_is_accepted_and_taken_back(instructor: Browser, learner_id: str, york: Caller) -> None:
    assert (await act(instructor, "accept")).status_code == 303
    assert (await introduction(york))["answered_by"] == "provider"
    assert (await act(instructor, "withdraw")).status_code == 303
    assert (await introduction(york))["status"] == "withdrawn"


async def test_it_is_declined_with_a_reason_only(instructor: Browser, learner_id: str, york: Caller) -> None:
    answer = await act(instructor, "decline", reason="")
    assert answer.status_code == 422 and 'id="reason-error"' in answer.text
    assert (await act(instructor, "decline", reason="pay")).status_code == 303
    assert (await introduction(york))["reason"] == "pay"


async def test_a_hire_is_confirmed(instructor: Browser, learner_id: str, york: Caller, feed: Feed) -> None:
    await act(instructor, "accept")
    await feed.batch(hired(learner_id, 2))
    assert "hire to confirm" in (await instructor.open("/introductions")).text
    assert (await act(instructor, "confirm-hire")).status_code == 303
    assert (await introduction(york))["hire"] == "confirmed"


async def test_two_tabs_do_not_answer_twice(instructor: Browser, learner_id: str, york: Caller) -> None:
    await instructor.open(PATH)
    for version in ("7", "", "x"):
        answer = await instructor.send(f"{PATH}/accept", version=version)
        assert answer.status_code == 412 and "CNC machinist" in answer.text
    assert (await introduction(york))["status"] == "asked"


async def test_the_learner_s_link_is_shown_once(instructor: Browser, learner_id: str) -> None:
    answer = await act(instructor, "learner-link")
    assert answer.status_code == 200 and "mailto:ada@example.org?subject=CNC%20machinist" in answer.text
    assert re.search(r'href="http://127.0.0.1:8102/answers/[\w-]{43}"', answer.text)
    assert "/answers/" not in (await instructor.open(PATH)).text


async def test_whoever_makes_a_learner_s_link_is_noted(wiring: Wiring, instructor: Browser, learner_id: str) -> None:
    """Guards: whoever has the link answers for the learner, and nobody could see who had made one."""
    await act(instructor, "learner-link")
    async with wiring.store.reading() as session:
        made = select(ActivityRow).where(ActivityRow.action == "learner_link_made")
        [row] = (await session.exec(made)).all()
    assert row.actor.startswith("member:") and row.subject == PATH.rpartition("/")[2]


async def test_introductions_of_others_are_absent(stranger: Browser, learner_id: str, york: Caller) -> None:
    assert "Ada" not in (await stranger.open("/introductions")).text
    assert (await stranger.open(PATH)).status_code == 404
    await stranger.open("/introductions")
    for step in ("accept", "decline", "withdraw", "learner-link", "confirm-hire"):
        answer = await stranger.send(f"{PATH}/{step}", version="1", reason="pay")
        assert answer.status_code in (403, 404), step
    assert (await introduction(york))["status"] == "asked"


async def test_a_reader_answers_nothing(wiring: Wiring, browser: Browser, learner_id: str, york: Caller) -> None:
    reader = await joined(wiring, browser, role="reader")
    assert "Accept" not in (await reader.open(PATH)).text
    for step in ("accept", "decline", "learner-link"):
        assert (await reader.send(f"{PATH}/{step}", version="1", reason="pay")).status_code == 403
    assert (await introduction(york))["status"] == "asked"
