"""Hires that employers report: confirmed by the provider or by the passing of time, disputed, and undone."""

import pytest

from contracts.topics import INTRODUCTION_ANSWER
from learners.adapters.introduction_repository import IntroductionRepository
from makersync.clock import ManualClock
from makersync.runtime.service import Context

from .conftest import NOW, Caller, Published
from .events import Feed
from .introducing import act, asked, candidate, change_learner, ended, hired, introduction, seeks, settle
from .samples import accepted, conflict, erase

SINCE = "2026-11-22"


async def hired_one(caller: Caller, feed: Feed) -> str:
    """The id of a learner whom one employer reports to have hired, another waits to meet, and a third has met."""
    ada = await candidate(caller)
    await feed.batch(asked(ada), asked(ada, name="int_2"), asked(ada, name="int_3"))
    for name in ("int_1", "int_3"):
        accepted(await act(caller, "accept", name=name))
    await feed.batch(hired(ada, 2))
    return ada


async def stand(caller: Caller) -> list[tuple[str, str | None, str | None]]:
    found = [await introduction(caller, name) for name in ("int_1", "int_2", "int_3")]
    return [(each["status"], each["reason"], each["hire"]) for each in found]


CONFIRMED = [
    ("hired", None, "confirmed"),
    ("withdrawn", "hired_elsewhere", None),
    ("withdrawn", "hired_elsewhere", None),
]


async def test_a_confirmed_hire_ends_the_search_and_the_other_introductions(
    york: Caller, feed: Feed, published: Published
) -> None:
    ada = await hired_one(york, feed)
    assert (await introduction(york))["confirms_at"] == "2026-11-29T09:00:00Z"
    assert await seeks(york, ada) == (True, SINCE)
    accepted(await act(york, "confirm-hire"))
    assert await seeks(york, ada) == (False, None)
    assert await stand(york) == CONFIRMED
    assert (await published.kinds())[-4:] == [
        "AvailabilityChanged",
        "IntroductionEnded",
        "IntroductionEnded",
        "HireConfirmed",
    ]
    assert conflict(await act(york, "confirm-hire")) == "hire_decided"
    assert conflict(await act(york, "dispute-hire")) == "hire_decided"


async def test_a_hire_that_nobody_disputes_counts_after_seven_days(
    york: Caller, feed: Feed, context: Context, clock: ManualClock
) -> None:
    ada = await hired_one(york, feed)
    clock.move_to(NOW.replace(day=29, hour=8))
    await settle(context)
    assert (await introduction(york))["hire"] is None
    clock.move_to(NOW.replace(day=29, hour=9))
    await settle(context)
    assert (await stand(york))[0] == ("hired", None, "confirmed")
    assert (await introduction(york))["answered_by"] == "service"
    assert await seeks(york, ada) == (False, None)


async def test_a_disputed_hire_leaves_the_search_alone(
    york: Caller, feed: Feed, context: Context, clock: ManualClock, published: Published
) -> None:
    ada = await hired_one(york, feed)
    accepted(await act(york, "dispute-hire"))
    clock.move_to(NOW.replace(day=30))
    await settle(context)
    assert await seeks(york, ada) == (True, SINCE)
    events = await published.events(INTRODUCTION_ANSWER.name)
    disputed = next(event for event in events if event.type == "learners.HireDisputed")
    assert (disputed.data["hire"], disputed.data["status"]) == ("disputed", "accepted")


async def test_a_dispute_can_be_followed_by_a_confirmation(york: Caller, feed: Feed) -> None:
    ada = await hired_one(york, feed)
    accepted(await act(york, "dispute-hire"))
    accepted(await act(york, "confirm-hire"))
    assert await seeks(york, ada) == (False, None)


@pytest.mark.parametrize("action", ["confirm-hire", "dispute-hire"])
async def test_there_is_nothing_to_say_of_a_hire_that_nobody_reports(york: Caller, feed: Feed, action: str) -> None:
    await feed.batch(asked(await candidate(york)))
    assert conflict(await act(york, action)) == "not_hired"


async def test_a_hire_undone_before_its_confirmation_changes_nothing(
    york: Caller, feed: Feed, context: Context, clock: ManualClock
) -> None:
    """Guards: the waiting for a confirmation ends, and starts again with the next hire."""
    ada = await hired_one(york, feed)
    clock.move_to(NOW.replace(day=26))
    await feed.batch(asked(ada, "HireUndone", 3, answer_by="2026-12-31"))
    clock.move_to(NOW.replace(day=30))
    await settle(context)
    assert ((await introduction(york))["status"], await seeks(york, ada)) == ("accepted", (True, SINCE))
    await feed.batch(hired(ada, 4))
    await settle(context)
    assert (await introduction(york))["hire"] is None


async def test_a_confirmed_hire_that_is_undone_resumes_the_search_as_it_was(
    york: Caller, feed: Feed, context: Context, clock: ManualClock, published: Published
) -> None:
    ada = await hired_one(york, feed)
    accepted(await act(york, "confirm-hire"))
    clock.move_to(NOW.replace(day=25))
    await feed.batch(asked(ada, "HireUndone", 3))
    await settle(context)
    assert await seeks(york, ada) == (True, SINCE)
    assert await stand(york) == [("accepted", None, None), *CONFIRMED[1:]]
    assert (await published.kinds())[-2:] == ["AvailabilityChanged", "IntroductionAccepted"]
    assert "hire" not in (await published.events(INTRODUCTION_ANSWER.name))[-1].data


async def test_an_undone_hire_resumes_no_search_that_has_changed_since(york: Caller, feed: Feed, context: Context) -> None:
    """Guards: the learner began to seek again and stopped, which is not for the service to overrule."""
    ada = await hired_one(york, feed)
    accepted(await act(york, "confirm-hire"))
    await change_learner(york, ada, seeking=True)
    await change_learner(york, ada, seeking=False)
    await feed.batch(asked(ada, "HireUndone", 3))
    await settle(context)
    assert await seeks(york, ada) == (False, None)
    await settle(context)
    assert (await introduction(york))["reason"] == "not_seeking"


async def test_an_undone_hire_resumes_no_search_of_somebody_hired_elsewhere(york: Caller, feed: Feed, context: Context) -> None:
    """Guards: two employers report to have hired the same person, and one of them was wrong."""
    ada = await hired_one(york, feed)
    await feed.batch(hired(ada, 2, "int_3"))
    accepted(await act(york, "confirm-hire"))
    accepted(await act(york, "confirm-hire", name="int_3"))
    await feed.batch(asked(ada, "HireUndone", 3))
    await settle(context)
    assert await seeks(york, ada) == (False, None)
    # Both were wrong: the search that the first had ended goes on.
    await feed.batch(asked(ada, "HireUndone", 3, "int_3"))
    await settle(context)
    assert await seeks(york, ada) == (True, SINCE)


async def test_a_hire_that_ended_the_introduction_as_not_hired_after_all(york: Caller, feed: Feed, context: Context) -> None:
    ada = await hired_one(york, feed)
    accepted(await act(york, "confirm-hire"))
    await feed.batch(ended(ada, "PersonNotHired", 4, status="not_hired", reason="no_show"))
    await settle(context)
    shown = await introduction(york)
    assert (shown["status"], shown["reason"], shown["hire"]) == ("not_hired", "no_show", None)
    assert await seeks(york, ada) == (True, SINCE)


async def test_an_erased_learners_hire_waits_for_nobody(
    york: Caller, feed: Feed, context: Context, clock: ManualClock, published: Published
) -> None:
    ada = await hired_one(york, feed)
    await erase(york, ada)
    kinds = await published.kinds()
    clock.move_to(NOW.replace(day=30))
    await settle(context)
    assert await published.kinds() == kinds
    assert kinds[-4:] == [*["IntroductionEnded"] * 3, "LearnerErased"]


async def test_an_erased_learners_hire_that_is_undone_is_settled_once(
    york: Caller, feed: Feed, context: Context, published: Published
) -> None:
    """Guards: it was due again with every sweep, and a hundred such left no room for those of others."""
    ada = await hired_one(york, feed)
    accepted(await act(york, "confirm-hire"))
    await erase(york, ada)
    await feed.batch(asked(ada, "HireUndone", 3))
    await settle(context)
    kinds = await published.kinds()
    assert "hire" not in (await published.events(INTRODUCTION_ANSWER.name))[-1].data
    await settle(context)
    assert await published.kinds() == kinds
    async with context.store.reading() as session:
        assert await IntroductionRepository(session, None).due(NOW.date(), NOW, 100) == []
