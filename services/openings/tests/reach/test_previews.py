"""An employer asks about an opening before it publishes it, and matching answers."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.adapters.unit_of_work import units_of_work_of
from openings.entrypoints.sweeps import preview_sweep, reach_sweep
from services.openings.tests.conftest import NOW, Caller, Published
from services.openings.tests.events import Counted, Feed, counted
from services.openings.tests.samples import CHICAGO, YORK, group, wanted

pytestmark = pytest.mark.usefixtures("catalog")

DRAFT = "drf_acme.49620.1"


async def ask(employer: Caller, wait: int = 0, **changed: Any) -> httpx.Response:
    return await employer.send("POST", "/v1/openings/preview", json=wanted(**changed), params={"wait": wait})


async def asked(employer: Caller, **changed: Any) -> str:
    """Ask, and return the address of the preview."""
    answer = await ask(employer, **changed)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


def rule_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["rule"]


async def give_up(context: Context) -> None:
    await preview_sweep(context.store, units_of_work_of(context))()


async def test_a_draft_is_asked_about_and_is_no_opening(acme: Caller, published: Published) -> None:
    """The event has what matching looks at, and nothing that people read; no opening is published."""
    answer = await ask(acme, wage_max=3100, shifts=["day"], start_by="2027-01-04")
    [event] = await published.events()
    assert (event.type, event.subject, event.partitionkey, event.version) == (
        "openings.DraftSubmitted",
        DRAFT,
        "49620",
        1,
    )
    assert event.data == {
        "draft_id": DRAFT,
        "employer_id": "emp_acme",
        "region": "49620",
        "zip": YORK,
        "remote": False,
        "positions": 3,
        "start_by": "2027-01-04",
        "shifts": ["day"],
        "wage_max": 3100,
        "groups": [group() | {"weight": 1, "verified_only": False}],
    }
    assert (await acme.get("/v1/openings")).json()["items"] == []
    pending = answer.json()
    assert (answer.status_code, pending["status"], pending["reach"]) == (202, "pending", None)
    assert pending | (await acme.get(answer.headers["Location"])).json() == pending


async def test_the_counts_answer_the_preview_and_end_the_draft(acme: Caller, feed: Feed, published: Published) -> None:
    """What is shown names for each group what would meet it."""
    address = await asked(acme)
    await feed.reach(Counted(DRAFT).at(1))
    shown = (await acme.get(address)).json()
    assert (shown["status"], shown["region_name"]) == ("answered", "York-Hanover, PA")
    assert shown["reach"]["qualified"] == counted(1, 5)
    assert shown["reach"]["lacking"] == [
        {"id": "cnc", "any_of": [{"credential": "nims.cnc-operator"}], "near_misses": counted(10), "unverified": None}
    ]
    assert shown["reach"]["held_back"] == [{"gate": "pay_conflict", "learners": counted(0, 1)}]
    _, ended = await published.events()
    assert (ended.type, ended.version, ended.data) == (
        "openings.DraftEnded",
        2,
        {"draft_id": DRAFT, "employer_id": "emp_acme", "region": "49620"},
    )
    assert ended.causationid == f"{DRAFT}-1"


async def test_a_request_that_waits_is_answered_with_the_counts(acme: Caller, feed: Feed, published: Published) -> None:
    """The draft is committed before anybody waits, so that matching can answer."""
    asking = asyncio.create_task(ask(acme, wait=30))
    while not await published.events():
        await asyncio.sleep(0.01)
    await feed.reach(Counted(DRAFT).at(1))
    answer = await asking
    assert (answer.status_code, answer.json()["status"]) == (200, "answered")
    reading = await acme.get(answer.headers["Location"], wait=30)
    assert reading.json() == {name: value for name, value in answer.json().items() if name != "warnings"}


async def test_a_reader_waits_for_a_pending_preview(acme: Caller, feed: Feed) -> None:
    address = await asked(acme)
    reading = asyncio.create_task(acme.get(address, wait=30))
    await feed.reach(Counted(DRAFT).at(1))
    assert (await reading).json()["status"] == "answered"


async def test_a_preview_has_the_warnings_and_refusals_of_publishing(acme: Caller, published: Published) -> None:
    """A body that breaks rules is no question: nothing is asked, and it does not count."""
    body = wanted(groups=[], closes_on="2026-11-21")
    refused = await acme.post("/v1/openings/preview?wait=0", body)
    assert refused.status_code == 422
    assert refused.json()["errors"] == (await acme.post("/v1/openings", body)).json()["errors"]
    assert await published.events() == []
    odd = await ask(acme, groups=[group(necessity="preferred")])
    assert [each["rule"] for each in odd.json()["warnings"]] == ["nothing_required"]


async def test_an_id_is_used_again_and_its_versions_only_grow(acme: Caller, feed: Feed, published: Published) -> None:
    """Guards: a key for each question, which topics and tables would keep for ever."""
    for number in range(3):
        address = await asked(acme)
        await feed.reach(Counted(DRAFT).at(number + 1, subject_version=2 * number + 1))
        assert (await acme.get(address)).json()["status"] == "answered"
    assert [(event.subject, event.version) for event in await published.events()] == [(DRAFT, n) for n in range(1, 7)]


async def test_counts_of_another_version_answer_nothing(acme: Caller, feed: Feed) -> None:
    """Late counts of the question before must not answer this one."""
    await asked(acme)
    await feed.reach(Counted(DRAFT).at(1))
    address = await asked(acme)
    await feed.reach(Counted(DRAFT).at(2, subject_version=1))
    assert (await acme.get(address)).json()["status"] == "pending"
    await feed.reach(Counted(DRAFT).ended(3))
    assert (await acme.get(address)).json()["status"] == "pending"
    await feed.reach(Counted(DRAFT).at(4, subject_version=3))
    assert (await acme.get(address)).json()["status"] == "answered"


async def test_a_draft_that_nobody_answers_ends(
    acme: Caller, feed: Feed, context: Context, clock: ManualClock, published: Published
) -> None:
    """Its id is free again, and counts that come too late change nothing."""
    address = await asked(acme)
    await give_up(context)
    assert (await acme.get(address)).json()["status"] == "pending"
    clock.move_to(NOW + timedelta(seconds=context.settings.preview_wait + 1))
    await give_up(context)
    assert (await acme.get(address)).json()["status"] == "unanswered"
    assert await published.kinds() == ["DraftSubmitted", "DraftEnded"]
    await feed.reach(Counted(DRAFT).at(1))
    assert (await acme.get(address)).json()["reach"] is None


async def test_only_so_many_drafts_wait_at_a_time(
    acme: Caller, bolt: Caller, context: Context, clock: ManualClock, feed: Feed
) -> None:
    """In all regions together, and of each employer by itself. The answer says when the first one is given up."""
    for place in (YORK, YORK, CHICAGO, YORK, CHICAGO):
        await asked(acme, zip=place)
    refused = await ask(acme)
    assert rule_of(refused) == (429, "previews_waiting")
    assert refused.headers["Retry-After"] == str(round(context.settings.preview_wait))
    await asked(bolt)
    await feed.reach(Counted("drf_acme.49620.2").at(1))
    await asked(acme)


async def test_questions_at_the_same_time_are_counted_one_after_another(acme: Caller) -> None:
    """Guards: two requests that both see the last place free."""
    for _ in range(4):
        await asked(acme)
    answers = await asyncio.gather(*(ask(acme) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [202, 429, 429]


async def test_an_employer_that_asks_and_asks_is_stopped_for_a_day(
    acme: Caller, bolt: Caller, context: Context, clock: ManualClock, feed: Feed
) -> None:
    """The differences of many previews would tell about single learners."""
    most = context.settings.previews_a_day
    for number in range(most):
        await asked(acme)
        await feed.reach(Counted(DRAFT).at(number + 1, subject_version=2 * number + 1))
    refused = await ask(acme)
    assert rule_of(refused) == (429, "preview_rate")
    assert refused.headers["Retry-After"] == str(24 * 60 * 60)
    await asked(bolt)
    clock.move_to(NOW + timedelta(hours=24, seconds=1))
    await asked(acme)


async def test_a_preview_is_forgotten_after_a_day(acme: Caller, context: Context, clock: ManualClock) -> None:
    address = await asked(acme)
    sweep = reach_sweep(context.store, context.clock, context.settings.keep_ended_days)
    await sweep()
    assert (await acme.get(address)).status_code == 200
    clock.move_to(NOW + timedelta(hours=24, seconds=1))
    await sweep()
    assert (await acme.get(address)).status_code == 404


async def test_previews_are_seen_by_their_employer_and_operators(acme: Caller, bolt: Caller, operator: Caller) -> None:
    """Nobody asks for another: an operator has no employer to ask for."""
    address = await asked(acme)
    assert (await bolt.get(address)).status_code == 404
    assert (await operator.get(address)).status_code == 200
    assert (await ask(operator)).status_code == 403
