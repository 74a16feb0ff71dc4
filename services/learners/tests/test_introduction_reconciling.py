"""Answers to introductions after a store was restored or lost: what has ended stays ended, and requests are consumed again."""

import pytest

from contracts.topics import INTRODUCTION_ANSWER
from learners.adapters.tables import IntroductionRow
from makersync.clock import ManualClock
from makersync.effects.divergence import Divergence
from makersync.effects.reconciling import Choice
from tests.servers.restoring import RestoredService

from .conftest import NOW, Caller
from .events import Feed
from .introducing import act, asked, candidate, consent, contact, granted, hired, introduction, settle
from .samples import accepted, erase
from .test_learner_reconciling import taken_back

BOTH = pytest.mark.parametrize("choice", list(Choice))


async def last_published(restored: RestoredService, name: str = "int_1") -> tuple[str, int, str]:
    """Type, version and status of what a reader takes last."""
    event = (await restored.ends(INTRODUCTION_ANSWER))[f"49620/{name}"]
    return event.type.partition(".")[2], event.version, event.data["status"]


async def test_an_answer_that_only_the_log_has_is_taken_back(york: Caller, feed: Feed, restored: RestoredService) -> None:
    ada = await candidate(york)
    await feed.batch(asked(ada))
    await restored.publish()
    dump = await restored.dump()
    accepted(await act(york, "accept"))
    await taken_back(restored, dump)
    assert await restored.differences() == [("int_1", Divergence.ONLY_IN_LOG.value)]
    report = await restored.reconcile(Choice.TAKE_LOG)
    assert (report.left, report.published) == ([], 0)
    shown = await introduction(york)
    assert (shown["status"], shown["answered_by"], shown["version"]) == ("accepted", "provider", 2)
    assert await restored.differences() == []


async def test_a_lost_store_recovers_answers_before_it_consumes_the_requests_again(
    york: Caller, feed: Feed, restored: RestoredService
) -> None:
    """Guards: the answer is not given a second time, and an accepted contact is open again once the request is read."""
    ada = await candidate(york)
    await feed.batch(asked(ada))
    accepted(await act(york, "accept"))
    await restored.publish()
    keys = {name: rows for name, rows in (await restored.dump()).items() if name == "api_key"}
    await restored.restore(keys)
    assert (await restored.reconcile(Choice.TAKE_LOG)).left == []
    assert (await york.get("/v1/introductions/int_1")).status_code == 404
    await feed.batch(granted(ada, 2))
    assert (await introduction(york))["status"] == "accepted"
    accepted(await contact(york))
    for status, known in (("accepted", 1), ("asked", 0)):
        assert len(accepted(await york.get("/v1/introductions", status=status))["items"]) == known


@BOTH
async def test_an_acceptance_that_the_log_has_ended_stays_ended_whatever_is_chosen(
    york: Caller, feed: Feed, restored: RestoredService, choice: Choice, clock: ManualClock
) -> None:
    ada = await candidate(york)
    await feed.batch(asked(ada), granted(ada, 2))
    accepted(await act(york, "accept"))
    await restored.publish()
    dump = await restored.dump()
    accepted(await act(york, "withdraw"))
    await taken_back(restored, dump)
    accepted(await contact(york))
    await restored.reconcile(choice)
    assert (await introduction(york))["reason"] == "learner_withdrew"
    assert (await contact(york)).status_code == 410
    assert (await last_published(restored))[2] == "withdrawn"


@BOTH
async def test_a_withdrawal_since_the_store_was_restored_takes_effect(
    york: Caller, feed: Feed, restored: RestoredService, choice: Choice, clock: ManualClock
) -> None:
    """Guards: the log accepts at a higher version than that at which the restored store has ended it."""
    ada = await candidate(york)
    await feed.batch(asked(ada), hired(ada, 2))
    await restored.publish()
    dump = await restored.dump()
    accepted(await act(york, "dispute-hire"))
    accepted(await act(york, "confirm-hire"))
    await taken_back(restored, dump)
    clock.move_to(NOW.replace(hour=10))
    await consent(york, ada, False)
    await restored.publish()
    await restored.reconcile(choice)
    assert (await last_published(restored)) == ("IntroductionEnded", 3, "withdrawn")
    assert await restored.differences() == []


async def test_an_erasure_that_the_log_has_leaves_nothing_of_an_introduction(
    york: Caller, feed: Feed, restored: RestoredService
) -> None:
    ada = await candidate(york)
    await feed.batch(asked(ada))
    await restored.publish()
    dump = await restored.dump()
    await erase(york, ada)
    await taken_back(restored, dump)
    await restored.reconcile(Choice.TAKE_LOG)
    async with restored.context.store.reading() as session:
        row = await session.get(IntroductionRow, "int_1")
    assert row is not None and (row.message, row.contact, row.outcomes) == (None, None, [])
    await settle(restored.context)
    await restored.publish()
    assert await restored.disagreements() == []
