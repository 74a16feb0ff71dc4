"""A restored or lost store is reconciled with the topic of introductions, as with that of openings."""

from collections.abc import AsyncIterator

import pytest

from contracts.topics import INTRODUCTION_REQUEST
from makersync.effects.divergence import Divergence
from makersync.effects.reconciling import Choice, SubjectSelection
from makersync.runtime.service import Context
from openings.bootstrap import definition
from tests.servers.restoring import RestoredService

from .scenes import Scene, rule_of, standing

BOTH = pytest.mark.parametrize("choice", list(Choice))


@pytest.fixture
async def restored(context: Context) -> AsyncIterator[RestoredService]:
    yield await RestoredService(context, definition()).open()


async def end_of(restored: RestoredService, introduction_id: str) -> tuple[str, int, str]:
    events = (await restored.ends(INTRODUCTION_REQUEST)).values()
    [event] = [event for event in events if event.subject == introduction_id]
    return event.type.partition(".")[2], event.version, event.data["status"]


@BOTH
async def test_after_a_restored_store_is_reconciled_steps_go_on_above_the_log(
    scene: Scene, restored: RestoredService, choice: Choice
) -> None:
    """The hire and its filling were lost with the database, and are in the log."""
    introduction_id = await scene.accepted()
    await restored.publish()
    dump = await restored.dump()
    await scene.act(introduction_id, "hire", {})
    await restored.publish()
    await restored.restore(dump)
    found = dict(await restored.differences())
    assert found == {scene.opening_id: Divergence.LOG_NEWER.value, introduction_id: Divergence.LOG_NEWER.value}
    assert (await restored.reconcile(choice)).left == []
    assert await restored.differences() == []
    log_wins = choice is Choice.TAKE_LOG
    expected = ("hired", "employer", None) if log_wins else ("accepted", "learner", None)
    assert standing(await scene.shown(introduction_id)) == expected
    assert (await scene.opening())["filled"] == (1 if log_wins else 0)
    step, body = ("undo-hire", {}) if log_wins else ("hire", {})
    answer = await scene.act(introduction_id, step, body)
    assert answer.status_code == 200, answer.text
    await restored.publish()
    assert await restored.differences() == []
    kind, version, _ = await end_of(restored, introduction_id)
    assert (kind, version) == (("HireUndone", 3) if log_wins else ("PersonHired", 4))


@BOTH
async def test_an_introduction_that_only_the_log_knows_comes_back_or_is_withdrawn(
    scene: Scene, restored: RestoredService, choice: Choice
) -> None:
    """A provider must not be asked by nobody; the answer that was kept counts again."""
    dump = await restored.dump()
    introduction_id = await scene.accepted()
    answered = {"introduction_answer": (await restored.dump())["introduction_answer"]}
    await restored.publish()
    await restored.restore(dump | answered)
    assert await restored.differences() == [(introduction_id, Divergence.ONLY_IN_LOG.value)]
    await restored.reconcile(choice)
    back, gone = ("accepted", "learner", None), ("withdrawn", "employer", "opening_closed")
    shown = await scene.shown(introduction_id)
    assert standing(shown) == (back if choice is Choice.TAKE_LOG else gone)
    if choice is Choice.TAKE_LOG:
        assert (shown["contact"], len(shown["outcomes"])) == ("hiring@york.example, 717-555-0117", 1)
    else:
        assert await end_of(restored, introduction_id) == ("IntroductionWithdrawn", 2, "withdrawn")


@pytest.mark.parametrize("reason", ["learner_withdrew", "erased"])
async def test_a_question_that_comes_back_after_its_answer_is_taken_back(
    scene: Scene, restored: RestoredService, reason: str
) -> None:
    """Guards: the topic and the store would say again what an answer has ended, and of an erased learner all that was known."""
    dump = await restored.dump()
    introduction_id = await scene.accepted()
    await restored.publish()
    answer = await scene.answer(introduction_id)
    await restored.restore(dump)
    await scene.feed.answers(answer.ended(2, reason))
    assert (await restored.reconcile(Choice.TAKE_LOG)).left == []
    await restored.publish()
    assert await restored.differences() == []
    assert await end_of(restored, introduction_id) == ("IntroductionWithdrawn", 2, "withdrawn")
    shown = await scene.shown(introduction_id)
    assert (standing(shown), shown["contact"] is None) == (("withdrawn", "learner", reason), reason == "erased")
    if reason == "learner_withdrew":
        await scene.propose("lrn_1")
        assert rule_of(await scene.ask()) == (409, "refused_before")


async def test_a_lost_store_gets_openings_and_introductions_back(scene: Scene, restored: RestoredService) -> None:
    """Openings first: an introduction alone is left, with the reason."""
    introduction_id = await scene.asked()
    await restored.publish()
    keys = {name: rows for name, rows in (await restored.dump()).items() if name == "api_key"}
    await restored.restore(keys)
    alone = await restored.reconcile(Choice.TAKE_LOG, SubjectSelection(kinds=frozenset({"introduction"})))
    [(case, why)] = alone.left
    assert (case.subject, scene.opening_id in why) == (introduction_id, True)
    assert (await restored.reconcile(Choice.TAKE_LOG)).left == []
    assert standing(await scene.shown(introduction_id)) == ("asked", None, None)
