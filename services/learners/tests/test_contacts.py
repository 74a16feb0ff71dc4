"""The contact of a learner: open to one employer from the acceptance to the end, and every reading is recorded."""

from datetime import timedelta

import pytest
import structlog

from makersync.clock import ManualClock
from makersync.http.misses import MOST_MISSES
from makersync.runtime.service import Context

from .conftest import NOW, Caller, Published
from .events import Feed
from .introducing import (
    TOKEN,
    act,
    asked,
    candidate,
    change_learner,
    consent,
    contact,
    ended,
    granted,
    hired,
    introduction,
)
from .samples import accepted, erase

READINGS = "/v1/introductions/int_1/readings"


async def opened(caller: Caller, feed: Feed) -> str:
    """The id of a learner whose contact is open to an employer."""
    ada = await candidate(caller)
    await feed.batch(asked(ada))
    accepted(await act(caller, "accept"))
    await feed.batch(granted(ada, 2))
    return ada


async def rule(caller: Caller, status: int, token: str | None = TOKEN) -> str:
    answer = await contact(caller, token)
    assert answer.status_code == status, answer.text
    assert "Ada" not in answer.text
    return str(answer.json()["rule"])


async def test_the_employer_reads_name_and_contact_and_the_provider_sees_each_reading(
    york: Caller, feed: Feed, clock: ManualClock
) -> None:
    ada = await opened(york, feed)
    shown = await contact(york)
    assert accepted(shown) == {
        "introduction_id": "int_1",
        "learner_id": ada,
        "name": "Ada Byron",
        "email": "ada@example.org",
        "phone": None,
    }
    assert shown.headers["Cache-Control"] == "no-store"
    clock.move_to(NOW.replace(hour=11))
    accepted(await contact(york))
    assert [(each["employer_id"], each["at"]) for each in accepted(await york.get(READINGS))["items"]] == [
        ("emp_1", "2026-11-22T09:00:00Z"),
        ("emp_1", "2026-11-22T11:00:00Z"),
    ]


async def test_readings_within_an_hour_are_one_record(york: Caller, feed: Feed, clock: ManualClock) -> None:
    """Guards: a program that reads again and again filled the database, and the provider's view."""
    await opened(york, feed)
    for minute in (0, 0, 20, 59, 60, 119):
        clock.move_to(NOW + timedelta(minutes=minute))
        accepted(await contact(york))
    records = accepted(await york.get(READINGS))["items"]
    assert [(each["at"][11:16], each["last_at"][11:16], each["times"]) for each in records] == [
        ("09:00", "09:59", 4),
        ("10:00", "10:59", 2),
    ]


async def test_unknown_wrong_and_foreign_tokens_are_absent_alike(york: Caller, feed: Feed) -> None:
    """Guards: nobody finds out which introductions there are, and a token opens no other introduction than its own."""
    await opened(york, feed)
    bea = await candidate(york)
    await feed.batch(asked(bea, name="int_2"))
    await act(york, "accept", name="int_2")
    answers = [
        await contact(york, "another"),
        await contact(york, TOKEN, "int_0"),
        await contact(york, TOKEN, "int_2"),
        await contact(york, york.headers["Authorization"].removeprefix("Bearer ")),
    ]
    assert {(each.status_code, each.text) for each in answers} == {(404, answers[0].text)}
    assert await rule(york, 401, None) == "token_missing"
    assert accepted(await york.get(READINGS))["items"] == []


@pytest.mark.timeout(30)
async def test_whoever_has_no_token_holds_up_nobody(york: Caller, feed: Feed, context: Context) -> None:
    """Guards: a request without a token begins no transaction, which on SQLite keeps all other changes waiting; and too many
    wrong ones keep nobody out who has the right one, since a proxy makes one address of many."""
    await opened(york, feed)
    async with context.store.transaction():
        assert await rule(york, 401, None) == "token_missing"
    for _ in range(MOST_MISSES):
        assert await rule(york, 404, "another") == "no_such_thing"
    assert await rule(york, 429, "another") == "tokens_missed"
    accepted(await contact(york))


async def test_the_contact_is_closed_before_an_acceptance_and_after_its_withdrawal(york: Caller, feed: Feed) -> None:
    ada = await candidate(york)
    await feed.batch(asked(ada), granted(ada, 2))
    assert await rule(york, 410) == "introduction_ended"
    await act(york, "accept")
    accepted(await contact(york))
    await act(york, "withdraw")
    assert await rule(york, 410) == "introduction_ended"


async def test_a_consent_withdrawn_while_the_page_is_open_closes_it_at_once(
    york: Caller, feed: Feed, published: Published
) -> None:
    ada = await opened(york, feed)
    accepted(await contact(york))
    await consent(york, ada, False)
    assert await rule(york, 410) == "introduction_ended"
    assert (await introduction(york))["reason"] == "consent_withdrawn"
    assert (await published.kinds())[-2:] == ["ConsentWithdrawn", "IntroductionEnded"]
    await consent(york, ada, True)
    assert await rule(york, 410) == "introduction_ended"


async def test_the_end_of_the_search_closes_it(york: Caller, feed: Feed) -> None:
    ada = await opened(york, feed)
    await change_learner(york, ada, seeking=False)
    assert await rule(york, 410) == "introduction_ended"
    assert (await introduction(york))["reason"] == "not_seeking"


async def test_an_erasure_closes_it_and_leaves_nothing(york: Caller, feed: Feed, published: Published) -> None:
    ada = await opened(york, feed)
    accepted(await contact(york))
    await erase(york, ada)
    assert await rule(york, 410) == "introduction_ended"
    assert (await york.get("/v1/introductions/int_1")).status_code == 404
    assert (await published.kinds())[-2:] == ["IntroductionEnded", "LearnerErased"]


async def test_a_hire_and_an_end_by_the_employer_close_it(york: Caller, feed: Feed) -> None:
    ada = await opened(york, feed)
    await feed.batch(hired(ada, 3))
    assert await rule(york, 410) == "introduction_ended"
    await feed.batch(granted(ada, 4))
    accepted(await contact(york))
    await feed.batch(ended(ada, "IntroductionWithdrawn", 5, status="withdrawn", reason="employer_withdrew"))
    assert await rule(york, 410) == "introduction_ended"


async def test_a_token_expires_and_a_newer_one_replaces_it(york: Caller, feed: Feed, clock: ManualClock) -> None:
    ada = await opened(york, feed)
    clock.move_to(NOW.replace(day=23))
    assert await rule(york, 410) == "access_expired"
    await feed.batch(granted(ada, 3, token="newer", expires_at="2026-11-24T09:00:00Z"))
    assert await rule(york, 404) == "no_such_thing"
    accepted(await contact(york, "newer"))


async def test_no_token_and_no_person_is_logged(york: Caller, feed: Feed) -> None:
    with structlog.testing.capture_logs() as lines:
        await opened(york, feed)
        await contact(york)
        await contact(york, "another")
    assert {"/v1/contacts/{introduction_id}"} < {line.get("route") for line in lines}
    assert not any(word in str(lines) for word in (TOKEN, "another", "Ada Byron", "ada@example.org"))


async def test_nothing_of_the_person_is_on_a_topic(york: Caller, feed: Feed, published: Published, context: Context) -> None:
    await opened(york, feed)
    assert not any("Ada" in str(event.data) or "example.org" in str(event.data) for event in await published.events())
