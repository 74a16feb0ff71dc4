"""Introductions: an employer asks, the provider sees what it asks, and accepts or declines."""

from contracts.topics import INTRODUCTION_ANSWER
from makersync.clock import ManualClock
from makersync.runtime.service import Context

from .conftest import NOW, Caller, Published
from .events import Feed
from .introducing import act, asked, candidate, consent, ended, introduction, settle
from .samples import accepted, conflict, refused


async def test_a_provider_sees_what_the_employer_asks(york: Caller, feed: Feed) -> None:
    """Guards: the provider decides by the job, pay, place, employer and outcomes."""
    ada = await candidate(york)
    await feed.batch(asked(ada))
    shown = await introduction(york)
    assert (shown["status"], shown["side"], shown["learner_id"], shown["version"]) == ("asked", None, ada, 1)
    assert (shown["message"], shown["contact"]) == ("Come and see our mill.", "hiring@lakeshore.example")
    job = shown["job"]
    assert (job["title"], job["wage_min"], job["zip"], job["place"]) == ("CNC machinist", 2350, "17401", "York, PA")
    assert [(each["id"], each["met"], each["awards"]) for each in shown["outcomes"]] == [
        ("milling", True, ["awd_1"]),
        ("cam", False, []),
    ]


async def test_an_acceptance_is_published_without_personal_data(york: Caller, feed: Feed, published: Published) -> None:
    ada = await candidate(york)
    await feed.batch(asked(ada))
    answered = accepted(await act(york, "accept"))
    assert (answered["status"], answered["side"], answered["answered_by"]) == ("accepted", "learner", "provider")
    [event] = await published.events(INTRODUCTION_ANSWER.name)
    assert (event.type, event.subject, event.version) == ("learners.IntroductionAccepted", "int_1", 1)
    assert event.data == {
        "introduction_id": "int_1",
        "opening_id": "opn_1",
        "learner_id": ada,
        "employer_id": "emp_1",
        "provider_id": "prv_york",
        "provider_name": "prv_york",
        "region": "49620",
        "status": "accepted",
        "answered_by": "provider",
        "answered_at": "2026-11-22T09:00:00Z",
    }


async def test_a_refusal_has_a_reason_of_the_list_and_is_final(york: Caller, feed: Feed, published: Published) -> None:
    await feed.batch(asked(await candidate(york)))
    assert refused(await act(york, "decline", {"reason": "weather"}), 422) == [("reason", "enum")]
    declined = accepted(await act(york, "decline", {"reason": "pay"}))
    assert (declined["status"], declined["reason"]) == ("declined", "pay")
    assert conflict(await act(york, "accept")) == "not_asked"
    [event] = await published.events(INTRODUCTION_ANSWER.name)
    assert (event.type, event.data["reason"]) == ("learners.IntroductionDeclined", "pay")


async def test_an_answer_names_the_version_that_it_is_given_to(york: Caller, feed: Feed) -> None:
    """Guards: what the employer's side has changed meanwhile is not overlooked."""
    ada = await candidate(york)
    await feed.batch(asked(ada))
    await feed.batch(ended(ada, "IntroductionWithdrawn", 2, status="withdrawn", reason="opening_filled"))
    assert (await york.change("POST", "/v1/introductions/int_1/accept", 1)).status_code == 412
    assert (await york.change("POST", "/v1/introductions/int_1/accept", None)).status_code == 428
    shown = await introduction(york)
    assert (shown["status"], shown["side"], shown["reason"]) == ("withdrawn", "employer", "opening_filled")
    assert conflict(await act(york, "accept")) == "not_asked"


async def test_an_acceptance_is_taken_back_and_what_is_only_asked_is_not(
    york: Caller, feed: Feed, published: Published
) -> None:
    await feed.batch(asked(await candidate(york)))
    assert conflict(await act(york, "withdraw")) == "not_accepted"
    await act(york, "accept")
    withdrawn = accepted(await act(york, "withdraw"))
    assert (withdrawn["status"], withdrawn["reason"], withdrawn["version"]) == ("withdrawn", "learner_withdrew", 3)
    assert (await published.kinds())[-1] == "IntroductionEnded"


async def test_nobody_answers_in_time_and_it_lapses(
    york: Caller, feed: Feed, context: Context, clock: ManualClock, published: Published
) -> None:
    """Guards: an answer counts on the last day and on none after it, whether or not the service has noticed."""
    await feed.batch(asked(await candidate(york), answer_by="2026-11-22"))
    await settle(context)
    assert (await introduction(york))["status"] == "asked"
    clock.move_to(NOW.replace(day=23))
    assert conflict(await act(york, "accept")) == "answered_late"
    await settle(context)
    await settle(context)
    shown = await introduction(york)
    assert (shown["status"], shown["answered_by"]) == ("lapsed", "service")
    assert (await published.kinds()).count("IntroductionLapsed") == 1


async def test_a_candidate_who_left_a_second_ago_is_answered_for_by_the_service(
    york: Caller, feed: Feed, context: Context
) -> None:
    """Guards: the request was made before the openings service learned of the withdrawal."""
    ada, bea = await candidate(york), await candidate(york)
    await consent(york, ada, False)
    await york.change("PATCH", f"/v1/learners/{bea}", 1, {"seeking": False})
    await feed.batch(asked(ada), asked(bea, name="int_2"))
    assert conflict(await act(york, "accept")) == "not_available"
    await settle(context)
    found = [await introduction(york, name) for name in ("int_1", "int_2")]
    assert [(each["status"], each["reason"], each["answered_by"]) for each in found] == [
        ("withdrawn", "consent_withdrawn", "service"),
        ("withdrawn", "not_seeking", "service"),
    ]


async def test_the_list_is_filtered_and_paged(york: Caller, feed: Feed) -> None:
    ada, bea = await candidate(york), await candidate(york)
    await feed.batch(asked(ada), asked(bea, name="int_2"), asked(ada, name="int_3", opening_id="opn_3"))
    await act(york, "decline", {"reason": "hours"}, "int_2")

    async def names(**filters: object) -> list[str]:
        found = accepted(await york.get("/v1/introductions", **filters))
        return [each["introduction_id"] for each in found["items"]]

    assert await names() == ["int_1", "int_2", "int_3"]
    assert await names(status="asked") == ["int_1", "int_3"]
    assert await names(learner_id=bea) == ["int_2"]
    assert await names(opening_id="opn_3") == ["int_3"]
    first = accepted(await york.get("/v1/introductions", limit=2))
    assert await names(cursor=first["next_cursor"]) == ["int_3"]
