"""An employer asks to meet a candidate: who may be asked for, how often, and what is announced."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from services.openings.tests.conftest import NOW, Caller, Published, publish
from services.openings.tests.events import Match

from .scenes import CONTACT, Scene, rule_of, standing


async def test_an_introduction_says_what_the_provider_decides_by(scene: Scene, published: Published) -> None:
    """The job, its pay and place, the outcomes and the employer's words are all that a provider needs to answer."""
    await scene.propose("lrn_1")
    answer = await scene.ask()
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert standing(shown) == ("asked", None, None)
    assert (shown["answer_by"], shown["contact"], shown["provider_name"]) == ("2026-11-29", CONTACT, None)
    assert shown["candidate"] == {"on_shortlist": True, "reason": None}
    [outcome] = shown["outcomes"]
    assert (outcome["id"], outcome["met"], outcome["awards"]) == ("cnc", True, ["awd_1"])
    assert answer.headers["Location"] == f"/v1/introductions/{shown['introduction_id']}"
    [event] = [event for event in await published.events() if event.type == "openings.IntroductionRequested"]
    assert event.partitionkey == "49620"
    said = event.data
    assert (said["status"], said["message"], said["contact"]) == ("asked", "Come and see our mill.", CONTACT)
    assert said["job"] == {"title": "CNC machinist", "employer_name": "emp_acme", "zip": "17401", "remote": False}
    await scene.feed.providers(("prv_york", 1, "York Technical"))
    assert (await scene.shown(shown["introduction_id"]))["provider_name"] == "York Technical"


@pytest.mark.parametrize("reason", ["outranked", "credential_lapsed"])
async def test_a_candidate_who_left_a_second_ago_is_refused_with_the_reason(scene: Scene, reason: str) -> None:
    """The employer has read the shortlist before the match ended."""
    await scene.propose("lrn_1")
    await scene.feed.matches(Match(scene.opening_id, "lrn_1").withdrawn(2, reason))
    answer = await scene.ask()
    assert rule_of(answer) == (409, "not_on_shortlist")
    assert reason in answer.json()["detail"]
    assert rule_of(await scene.ask("lrn_never")) == (409, "not_on_shortlist")


async def test_a_candidate_is_asked_for_once_at_a_time(scene: Scene) -> None:
    """Two introductions of one pair would be answered apart."""
    first = await scene.asked()
    assert rule_of(await scene.ask()) == (409, "introduction_open")
    assert (await scene.act(first, "withdraw")).status_code == 200
    assert (await scene.ask()).status_code == 201


@pytest.mark.parametrize("said", ["declined", "learner_withdrew"])
async def test_nobody_is_asked_again_after_a_no(scene: Scene, said: str) -> None:
    """A no is a no; an introduction that lapsed may be asked for again."""
    introduction_id = await scene.asked()
    answer = await scene.answer(introduction_id)
    sent = answer.declined() if said == "declined" else answer.ended(1, said)
    await scene.feed.answers(sent)
    assert rule_of(await scene.ask()) == (409, "refused_before")
    # A consent that is withdrawn and given again takes no no back.
    await scene.feed.answers(answer.ended(9, "consent_withdrawn"))
    await scene.propose("lrn_1", version=5)
    assert rule_of(await scene.ask()) == (409, "refused_before")
    lapsed = await scene.asked("lrn_2")
    await scene.feed.answers((await scene.answer(lapsed)).lapsed())
    assert (await scene.ask("lrn_2")).status_code == 201


async def test_an_employer_that_asks_for_everybody_is_stopped_for_a_day(
    scene: Scene, context: Context, clock: ManualClock
) -> None:
    """The rate is one per opening; the answer says when to try again."""
    most = context.settings.introductions_a_day
    for number in range(most):
        await scene.asked(f"lrn_{number}")
    await scene.propose("lrn_more")
    refused = await scene.ask("lrn_more")
    assert rule_of(refused) == (429, "introduction_rate")
    assert refused.headers["Retry-After"] == str(24 * 60 * 60)
    clock.move_to(NOW + timedelta(hours=24, seconds=1))
    assert (await scene.ask("lrn_more")).status_code == 201


async def test_an_opening_that_is_not_live_asks_for_nobody(scene: Scene) -> None:
    """The shortlist may lag behind the opening."""
    await scene.propose("lrn_1")
    await scene.on_opening("closing")
    assert rule_of(await scene.ask()) == (409, "opening_not_live")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"answer_by": "2026-11-21"}, "past_date"),
        ({"answer_by": "2027-11-21"}, "far_ahead"),
        ({"contact": ""}, "string_too_short"),
        ({"message": "a\nb"}, "control_character"),
        ({"message": "x" * 1001}, "string_too_long"),
        ({"learner_id": "../1"}, "string_pattern_mismatch"),
    ],
)
async def test_a_question_that_breaks_a_rule_is_refused(scene: Scene, changed: dict[str, Any], rule: str) -> None:
    """Nothing is asked and nothing announced."""
    await scene.propose("lrn_1")
    assert rule_of(await scene.ask(**changed)) == (422, rule)
    assert (await scene.employer.get("/v1/introductions")).json()["items"] == []


async def test_the_same_request_sent_many_times_asks_once(scene: Scene, published: Published) -> None:
    """Idempotency, and the lock of the opening without it."""
    await scene.propose("lrn_1", "lrn_2")
    body = {"learner_id": "lrn_1", "contact": CONTACT}
    path = f"/v1/openings/{scene.opening_id}/introductions"
    same = await asyncio.gather(*(scene.employer.post(path, body, Idempotency_Key="k") for _ in range(4)))
    assert len({answer.json()["introduction_id"] for answer in same}) == 1
    other = await asyncio.gather(*(scene.ask("lrn_2") for _ in range(4)))
    assert sorted(answer.status_code for answer in other) == [201, 409, 409, 409]
    assert (await published.kinds()).count("IntroductionRequested") == 2


async def test_ids_of_others_are_answered_as_ids_of_nobody(scene: Scene, bolt: Caller) -> None:
    """Neither a foreign opening nor a foreign introduction shows that it exists."""
    introduction_id = await scene.asked()
    theirs = Scene(bolt, scene.feed, scene.opening_id)
    assert rule_of(await theirs.ask()) == (404, "no_such_thing")
    assert rule_of(await bolt.get(f"/v1/introductions/{introduction_id}")) == (404, "no_such_thing")
    assert (await bolt.get("/v1/introductions")).json()["items"] == []
    assert (await bolt.get("/v1/introductions", opening_id=scene.opening_id)).json()["items"] == []
    other = Scene(bolt, scene.feed, (await publish(bolt)).rpartition("/")[2])
    assert rule_of(await other.ask()) == (409, "not_on_shortlist"), "a candidate of another's opening is none of one's own"


async def test_the_list_is_filtered_and_shows_who_left_the_shortlist(scene: Scene, operator: Caller) -> None:
    """A candidate in an introduction stays visible when outranked."""
    first, second = await scene.asked("lrn_1"), await scene.asked("lrn_2")
    await scene.feed.answers((await scene.answer(second)).accepted())
    await scene.feed.matches(Match(scene.opening_id, "lrn_2").withdrawn(2, "outranked"))
    [accepted] = (await scene.employer.get("/v1/introductions", status="accepted")).json()["items"]
    assert (accepted["introduction_id"], accepted["provider_name"]) == (second, "York College")
    assert accepted["candidate"] == {"on_shortlist": False, "reason": "outranked"}
    listed = (await operator.get("/v1/introductions", opening_id=scene.opening_id)).json()["items"]
    assert [each["introduction_id"] for each in listed] == [second, first]
    shortlist = (await scene.employer.get(f"/v1/openings/{scene.opening_id}/shortlist")).json()["candidates"]
    assert [each["introduction"] for each in shortlist] == [{"introduction_id": first, "status": "asked"}]


async def test_withdrawing_needs_the_current_version_and_an_open_introduction(scene: Scene, published: Published) -> None:
    """An answer that arrived meanwhile is a change that the employer has to see first."""
    introduction_id = await scene.asked()
    await scene.feed.answers((await scene.answer(introduction_id)).accepted())
    assert rule_of(await scene.act(introduction_id, "withdraw", version=1)) == (412, "version_outdated")
    withdrawn = await scene.act(introduction_id, "withdraw", version=2)
    assert standing(withdrawn.json()) == ("withdrawn", "employer", "employer_withdrew")
    assert withdrawn.headers["ETag"] == '"3"'
    assert rule_of(await scene.act(introduction_id, "withdraw")) == (409, "introduction_ended")
    event = (await published.events())[-1]
    assert (event.type, event.version) == ("openings.IntroductionWithdrawn", 2)
    assert not {"message", "contact", "access"} & event.data.keys()
    assert event.data["outcomes"] == []


@pytest.mark.parametrize("name", ["message", "contact"])
async def test_a_text_that_grows_in_its_one_form_is_refused_by_its_field(scene: Scene, name: str) -> None:
    """Guards: one character may become three (NFC); the event then broke its contract after the request was taken."""
    await scene.propose("lrn_1")
    refused = await scene.ask(**{name: "\ufb2c" * 1000})
    assert rule_of(refused) == (422, "too_long")
    assert refused.json()["errors"][0]["field"] == name
