"""Hires: one act fills a position, and one act takes a wrong one back."""

import asyncio
from datetime import timedelta

import pytest

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.adapters.unit_of_work import units_of_work_of
from openings.entrypoints.sweeps import expiry_sweep
from services.openings.tests.conftest import NOW, Caller, Published, publish
from services.openings.tests.events import Feed
from services.openings.tests.feed_reading import numbering_of, read

from .scenes import Scene, rule_of, standing


@pytest.fixture
async def last(catalog: None, acme: Caller, feed: Feed) -> Scene:
    """An opening of one position."""
    return Scene(acme, feed, (await publish(acme, positions=1)).rpartition("/")[2])


async def test_a_hire_fills_a_position_and_says_who(scene: Scene, published: Published) -> None:
    """One act for the employer: the introduction ends and the number goes up."""
    introduction_id = await scene.accepted()
    hired = await scene.act(introduction_id, "hire", {"hired_on": "2026-11-20"})
    assert (hired.status_code, standing(hired.json())) == (200, ("hired", "employer", None))
    assert (await scene.opening())["filled"] == 1
    assert (await published.kinds())[-2:] == ["PersonHired", "PositionsFilled"]
    await scene.on_opening("fillings", {"add": 1})
    fillings = (await scene.employer.get(f"/v1/openings/{scene.opening_id}/fillings")).json()
    expected = {"introduction_id": introduction_id, "learner_id": "lrn_1", "hired_on": "2026-11-20"}
    assert (fillings["hires"], fillings["filled"], fillings["others"]) == ([expected], 2, 1)


@pytest.mark.parametrize(("hired_on", "rule"), [("2026-11-23", "future_date"), ("2020-01-01", "too_early")])
async def test_a_hire_on_an_impossible_day_is_refused(scene: Scene, hired_on: str, rule: str) -> None:
    """A mistyped year would spoil the time to fill."""
    introduction_id = await scene.accepted()
    assert rule_of(await scene.act(introduction_id, "hire", {"hired_on": hired_on})) == (422, rule)
    assert (await scene.opening())["filled"] == 0


async def test_only_an_accepted_introduction_ends_with_a_hire(scene: Scene) -> None:
    """Nobody is hired whom the employer may not even know."""
    introduction_id = await scene.asked()
    assert rule_of(await scene.act(introduction_id, "hire", {})) == (409, "not_accepted")
    assert rule_of(await scene.act(introduction_id, "not-hired", {"reason": "no_show"})) == (409, "not_accepted")
    assert rule_of(await scene.act(introduction_id, "undo-hire", {})) == (409, "not_hired")
    await scene.feed.answers((await scene.answer(introduction_id)).declined())
    assert rule_of(await scene.act(introduction_id, "hire", {})) == (409, "introduction_ended")


async def test_of_two_hires_for_the_last_position_one_is_made(last: Scene, published: Published) -> None:
    """The second is told why, and its introduction has ended with the opening."""
    first, second = await last.accepted("lrn_1"), await last.accepted("lrn_2")
    answers = await asyncio.gather(last.act(first, "hire", {}), last.act(second, "hire", {}))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [refused] = [answer for answer in answers if answer.is_error]
    assert rule_of(refused) == (409, "introduction_ended")
    assert "opening_filled" in refused.json()["detail"]
    assert ((await last.opening())["filled"], (await last.opening())["status"]) == (1, "filled")
    assert (await published.kinds())[-3:] == ["PersonHired", "PositionsFilled", "IntroductionWithdrawn"]


async def test_an_introduction_ends_without_a_hire(scene: Scene, published: Published) -> None:
    """The reason comes from a list, and the same candidate may be asked for again."""
    introduction_id = await scene.accepted()
    assert (await scene.act(introduction_id, "not-hired", {"reason": "whatever"})).status_code == 422
    ended = await scene.act(introduction_id, "not-hired", {"reason": "no_show"})
    assert standing(ended.json()) == ("not_hired", "employer", "no_show")
    assert (await published.events())[-1].data["reason"] == "no_show"
    assert (await scene.ask()).status_code == 201


async def test_a_wrong_hire_is_taken_back_in_one_step(last: Scene, published: Published) -> None:
    """A filled opening is open again and the introduction goes on; those that ended with the opening stay ended."""
    other = await last.accepted("lrn_2")
    introduction_id = await last.hired("lrn_1")
    assert standing(await last.shown(other)) == ("withdrawn", "employer", "opening_filled")
    undone = await last.act(introduction_id, "undo-hire", {})
    assert (undone.status_code, standing(undone.json())) == (200, ("accepted", "learner", None))
    opening = await last.opening()
    assert (opening["filled"], opening["status"], opening["live"]) == (0, "open", True)
    event = (await published.events())[-1]
    assert (event.type, event.data["status"]) == ("openings.HireUndone", "asked")
    assert event.data["message"] == "Come and see our mill."
    assert standing(await last.shown(other)) == ("withdrawn", "employer", "opening_filled")
    assert (await last.act(introduction_id, "hire", {})).status_code == 200


@pytest.mark.parametrize("reopen", [False, True])
async def test_an_undone_hire_comes_back_to_what_was_answered_meanwhile(
    scene: Scene, published: Published, context: Context, reopen: bool
) -> None:
    """Guards: the learner's side had withdrawn when the employer reported the hire, and nobody is asked again by an undoing:
    the record says neither what was known of the learner nor what the employer wrote."""
    introduction_id = await scene.hired()
    await scene.feed.answers((await scene.answer(introduction_id)).ended(2, "learner_withdrew"))
    if reopen:
        await scene.on_opening("closing")
    undone = await scene.act(introduction_id, "undo-hire", {"reopen": reopen})
    assert standing(undone.json()) == ("withdrawn", "learner", "learner_withdrew")
    [event] = [each for each in await published.events() if each.type == "openings.HireUndone"]
    assert (event.data["status"], event.data["reason"], event.data["outcomes"]) == ("withdrawn", "answered", [])
    assert not {"message", "contact", "access"} & event.data.keys()
    assert (await scene.opening())["filled"] == 0
    await (await numbering_of(context)).number()
    [entry] = (await read(scene.employer, types="introduction.hire_undone"))["entries"]
    assert (entry["data"]["status"], entry["data"]["reason"]) == ("withdrawn", "learner_withdrew")


@pytest.mark.parametrize("reopen", [False, True])
async def test_a_hire_of_a_closed_opening_is_taken_back(scene: Scene, reopen: bool) -> None:
    """The employer has closed the opening since: it stays closed unless it says otherwise, and the answer says so."""
    introduction_id = await scene.hired()
    await scene.on_opening("closing")
    undone = await scene.act(introduction_id, "undo-hire", {"reopen": reopen})
    closed = ("withdrawn", "employer", "opening_closed")
    assert standing(undone.json()) == (("accepted", "learner", None) if reopen else closed)
    assert ((await scene.opening())["filled"], (await scene.opening())["status"]) == (0, "open" if reopen else "closed")


async def test_a_hire_after_whose_day_the_opening_expired_is_taken_back(
    catalog: None, acme: Caller, feed: Feed, clock: ManualClock
) -> None:
    """The introduction goes on, since the person may be hired all the same. A closed opening cannot be reopened, and says
    why."""
    scene = Scene(acme, feed, (await publish(acme, closes_on="2026-11-23")).rpartition("/")[2])
    first, second = await scene.hired("lrn_1"), await scene.hired("lrn_2")
    clock.move_to(NOW + timedelta(days=3))
    undone = await scene.act(first, "undo-hire", {})
    assert standing(undone.json()) == ("accepted", "learner", None)
    await scene.on_opening("closing")
    assert rule_of(await scene.act(second, "undo-hire", {"reopen": True})) == (409, "closing_date_passed")
    assert standing((await scene.act(second, "undo-hire", {})).json()) == ("withdrawn", "employer", "opening_closed")


async def test_fillings_are_not_corrected_below_the_hires(scene: Scene) -> None:
    """Otherwise the number would contradict what is known of who was hired."""
    introduction_id = await scene.hired()
    await scene.on_opening("fillings", {"add": 1})
    assert rule_of(await scene.on_opening("fillings", {"filled": 0})) == (409, "filled_by_hires")
    assert (await scene.on_opening("fillings", {"filled": 1})).status_code == 200
    assert (await scene.act(introduction_id, "undo-hire", {})).status_code == 200
    assert (await scene.opening())["filled"] == 0


@pytest.mark.parametrize(
    ("step", "body", "reason"),
    [("closing", None, "opening_closed"), ("fillings", {"filled": 3}, "opening_filled")],
)
async def test_introductions_end_with_their_opening(scene: Scene, step: str, body: object, reason: str) -> None:
    """Those that nobody has answered, and those that were accepted."""
    asked, accepted, hired = await scene.asked("lrn_1"), await scene.accepted("lrn_2"), await scene.hired("lrn_3")
    assert (await scene.on_opening(step, body)).status_code == 200
    for introduction_id in (asked, accepted):
        assert standing(await scene.shown(introduction_id)) == ("withdrawn", "employer", reason)
    assert standing(await scene.shown(hired)) == ("hired", "employer", None)


async def test_a_closing_date_that_passes_ends_introductions_that_nobody_has_answered(
    catalog: None, acme: Caller, feed: Feed, context: Context, clock: ManualClock
) -> None:
    """Guards: an employer that interviews after the closing date could not report the hire."""
    scene = Scene(acme, feed, (await publish(acme, closes_on="2026-11-23")).rpartition("/")[2])
    asked, accepted = await scene.asked("lrn_1"), await scene.accepted("lrn_2")
    clock.move_to(NOW + timedelta(days=2))
    assert await expiry_sweep(context.store, units_of_work_of(context))() == 1
    assert standing(await scene.shown(asked)) == ("withdrawn", "employer", "opening_expired")
    assert standing(await scene.shown(accepted)) == ("accepted", "learner", None)
    assert (await scene.act(accepted, "hire", {})).status_code == 200
    assert (await scene.opening())["filled"] == 1
