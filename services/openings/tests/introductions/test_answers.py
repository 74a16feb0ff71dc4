"""The answers of the learner's side: how they change introductions, whatever order and however often they arrive."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import col, select

from makersync.clock import ManualClock
from makersync.feed.repository import Entry
from makersync.mail.offer import Mention
from makersync.runtime.service import Context
from makersync.store.tables import IdempotencyRow
from openings.adapters.introduction_tables import IntroductionRequestRow, ReceivedAnswerRow
from openings.bootstrap import definition
from openings.entrypoints.mail_offer import MAIL
from openings.entrypoints.sweeps import introduction_sweep
from services.openings.tests.conftest import NOW, Published
from services.openings.tests.events import Answer, Match
from services.openings.tests.feed_reading import numbering_of, read

from .scenes import CONTACT, Scene, rule_of, standing


async def row_of(context: Context, introduction_id: str) -> IntroductionRequestRow:
    async with context.store.reading() as session:
        return await session.get_one(IntroductionRequestRow, introduction_id)


async def types(scene: Scene, context: Context) -> Sequence[str]:
    """The types of the employer's entries about introductions, once all are numbered."""
    await (await numbering_of(context)).number()
    found = (await read(scene.employer))["entries"]
    return [each["type"].partition(".")[2] for each in found if each["type"].startswith("introduction.")]


async def test_an_acceptance_is_shown_with_the_providers_name(scene: Scene, context: Context) -> None:
    """And told in the feed, without what the employer wrote."""
    introduction_id = await scene.accepted()
    shown = await scene.shown(introduction_id)
    assert (standing(shown), shown["provider_name"]) == (("accepted", "learner", None), "York College")
    await (await numbering_of(context)).number()
    [entry] = (await read(scene.employer, types="introduction.accepted"))["entries"]
    assert (entry["subject"], entry["data"]["status"]) == (introduction_id, "accepted")
    assert not {"message", "contact"} & entry["data"].keys()


async def test_an_answer_counts_once_and_a_late_one_not_at_all(scene: Scene, context: Context) -> None:
    """Records are delivered again, and copies of older ones after newer ones."""
    introduction_id = await scene.asked()
    answer = await scene.answer(introduction_id)
    await scene.feed.answers(answer.accepted(), answer.ended(2, "learner_withdrew"), answer.accepted())
    await scene.feed.answers(answer.accepted(), answer.ended(2, "learner_withdrew"))
    assert standing(await scene.shown(introduction_id)) == ("withdrawn", "learner", "learner_withdrew")
    assert await types(scene, context) == ["asked", "accepted", "withdrawn"]


@pytest.mark.parametrize(("said", "reason"), [("declined", "timing"), ("lapsed", None)])
async def test_an_answer_that_ends_it_takes_back_what_the_request_said(
    scene: Scene, published: Published, context: Context, said: str, reason: str | None
) -> None:
    """The topic's newest record of the request has neither outcomes nor the employer's words, and the feed no entry of it."""
    introduction_id = await scene.asked()
    answer = await scene.answer(introduction_id)
    await scene.feed.answers(answer.declined() if said == "declined" else answer.lapsed())
    assert standing(await scene.shown(introduction_id)) == (said, "learner", reason)
    event = (await published.events())[-1]
    assert (event.type, event.data["reason"], event.data["outcomes"]) == ("openings.IntroductionWithdrawn", "answered", [])
    assert event.causationid == f"{introduction_id}-1"
    assert "contact" not in event.data
    assert await types(scene, context) == ["asked", said]


async def test_an_answer_to_a_withdrawn_question_changes_the_reason_alone(scene: Scene, published: Published) -> None:
    """Both sides have spoken at the same time; no further request is published."""
    introduction_id = await scene.asked()
    await scene.act(introduction_id, "withdraw")
    count = len(await published.events())
    await scene.feed.answers((await scene.answer(introduction_id)).declined())
    assert standing(await scene.shown(introduction_id)) == ("declined", "learner", "timing")
    assert len(await published.events()) == count


@pytest.mark.parametrize("reason", ["erased", "consent_withdrawn"])
@pytest.mark.parametrize("ended", [False, True])
async def test_what_an_erasure_demands_is_forgotten(scene: Scene, context: Context, reason: str, ended: bool) -> None:
    """Outcomes, awards and entries about the learner go, whether the introduction was open or had ended."""
    introduction_id = await scene.accepted()
    if ended:
        await scene.act(introduction_id, "not-hired", {"reason": "other"})
    await scene.feed.answers((await scene.answer(introduction_id)).ended(2, reason))
    shown = await scene.shown(introduction_id)
    expected = ("not_hired", "employer", "other") if ended else ("withdrawn", "learner", reason)
    assert (standing(shown), shown["outcomes"], shown["message"]) == (expected, [], None)
    assert (await row_of(context, introduction_id)).outcomes == []
    await (await numbering_of(context)).number()
    entries = [each for each in (await read(scene.employer))["entries"] if each["subject"] == introduction_id]
    told = [each["type"] for each in entries if each["data"] is not None]
    assert told == ([] if ended else ["introduction.withdrawn"])


@pytest.mark.parametrize(("reason", "is_kept"), [("erased", False), ("consent_withdrawn", False), ("not_seeking", True)])
async def test_the_kept_answer_to_the_question_is_forgotten_with_the_learner(
    scene: Scene, context: Context, reason: str, is_kept: bool
) -> None:
    """Guards: answers are kept for a day under their keys, with what the employer wrote. The key stays used, so that a late
    repetition asks nobody again."""
    for number in (1, 2):
        await scene.propose(f"lrn_{number}")
        body = {"learner_id": f"lrn_{number}", "contact": CONTACT, "message": "Come and see our mill."}
        path = f"/v1/openings/{scene.opening_id}/introductions"
        asked = (await scene.employer.post(path, body, Idempotency_Key=f"k{number}")).json()
        if number == 1:
            answer = await scene.answer(asked["introduction_id"])
    await scene.feed.answers(answer.ended(1, reason))
    async with context.store.reading() as session:
        first, second = (await session.exec(select(IdempotencyRow).order_by(col(IdempotencyRow.key)))).all()
    assert (CONTACT.encode() in first.body, CONTACT.encode() in second.body) == (is_kept, True)
    body |= {"learner_id": "lrn_1"}
    again = await scene.employer.post(path, body, Idempotency_Key="k1")
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == ((201, "true") if is_kept else (422, None))


@pytest.mark.parametrize("said", ["confirmed", "disputed"])
async def test_what_is_said_of_a_hire_is_shown(scene: Scene, context: Context, said: str) -> None:
    """The introduction stays hired; a disputed hire is the employer's to undo."""
    introduction_id = await scene.hired()
    await scene.feed.answers((await scene.answer(introduction_id)).hire(2, said))
    shown = await scene.shown(introduction_id)
    assert (shown["status"], shown["hire"], shown["version"]) == ("hired", said, 4)
    undone = (await scene.act(introduction_id, "undo-hire", {})).json()
    assert (undone["status"], undone["hire"]) == ("accepted", None)
    assert (await types(scene, context))[2:] == ["hired", f"hire_{said}", "hire_undone"]


async def test_an_answer_to_an_unknown_introduction_is_kept(scene: Scene, context: Context) -> None:
    """This service may have lost the introduction with its database; when it comes back, the answer counts."""
    introduction = {"introduction_id": "int_lost", "opening_id": scene.opening_id, "learner_id": "lrn_9"}
    introduction |= {"employer_id": "emp_acme", "provider_id": "prv_york"}
    await scene.feed.answers(Answer(introduction).accepted())
    async with context.store.reading() as session:
        [row] = (await session.exec(select(ReceivedAnswerRow))).all()
    assert (row.introduction_id, row.status, row.region) == ("int_lost", "accepted", "49620")


async def test_the_consumer_knows_the_true_employer(scene: Scene, context: Context) -> None:
    """An answer that names another employer is set aside by the kit."""
    introduction_id = await scene.asked()
    answer = await scene.answer(introduction_id)
    await scene.feed.answers(answer.accepted())
    [known] = await scene.feed.known_answers(answer.declined(2))
    assert (known.version, known.owners) == (1, {"employer_id": "emp_acme"})


async def test_ended_introductions_are_forgotten_after_their_time(scene: Scene, context: Context, clock: ManualClock) -> None:
    """Who was asked, and how it ended, stays; what was known and written does not."""
    ended, goes_on = await scene.asked("lrn_1"), await scene.asked("lrn_2")
    await scene.feed.answers((await scene.answer(ended)).declined())
    sweep = introduction_sweep(context.store, context.clock, 30)
    clock.move_to(NOW + timedelta(days=29))
    assert await sweep() == 0
    clock.move_to(NOW + timedelta(days=31))
    assert (await sweep(), await sweep()) == (1, 0)
    shown = await scene.shown(ended)
    assert (shown["status"], shown["outcomes"], shown["message"], shown["contact"]) == ("declined", [], None, None)
    assert (await scene.shown(goes_on))["contact"] is not None


async def test_the_snapshot_has_the_open_introductions(scene: Scene, context: Context) -> None:
    """Whoever begins with the snapshot knows what the entries before it said."""
    asked, accepted, ended = await scene.asked("lrn_1"), await scene.accepted("lrn_2"), await scene.asked("lrn_3")
    await scene.act(ended, "withdraw")
    await scene.feed.matches(Match(scene.opening_id, "lrn_3").withdrawn(2, "outranked"))
    items, cursor = [], None
    while True:
        page = await read(scene.employer, "/v1/feed/snapshot", limit=1, **({} if cursor is None else {"cursor": cursor}))
        items += [(each["type"], each["subject"]) for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    matches = [("match.proposed", f"{scene.opening_id}/{learner}") for learner in ("lrn_1", "lrn_2")]
    assert items == [*matches, ("introduction.asked", asked), ("introduction.accepted", accepted)]


async def test_views_of_both_topics_are_audited() -> None:
    """Each key of both topics is compared with the log."""
    topics = {topic for view in definition().views for topic in view.topics}
    assert {"openings.introduction.v1", "learners.introduction.v1"} <= topics


async def test_a_withdrawn_consent_ends_access(scene: Scene) -> None:
    """No further access is given."""
    introduction_id = await scene.accepted()
    await scene.feed.answers((await scene.answer(introduction_id)).ended(2, "consent_withdrawn"))
    refused = await scene.employer.post(f"/v1/introductions/{introduction_id}/contact-access")
    assert rule_of(refused) == (409, "introduction_ended")


def test_mail_tells_an_introduction_under_its_opening_and_by_ids_alone() -> None:
    """A mail crosses servers of strangers: it names no person and repeats nothing that was written."""
    data = {"opening_id": "opn_1", "learner_id": "lrn_1", "status": "accepted"}
    entry = Entry(1, "introduction.accepted", "int_1", NOW, data)
    assert MAIL.mention_of(entry) == Mention("opn_1", "lrn_1")
    assert MAIL.mention_of(Entry(2, "introduction.withdrawn", "int_1", NOW, None)) == Mention("Introductions", "int_1")
