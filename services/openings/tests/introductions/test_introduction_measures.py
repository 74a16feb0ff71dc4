"""What operators of the openings service are told of introductions that nobody has answered."""

from datetime import timedelta

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.bootstrap import definition

from .scenes import Scene


async def measured(context: Context) -> tuple[float, float, float]:
    """How many wait, the age of the oldest in hours, and the days that the earliest is late."""
    [sweep] = [each for each in definition().periodic(context) if each.name == "measure introductions"]
    await sweep.step()
    names = ("waiting", "oldest_seconds", "overdue_days")
    waiting, age, late = (context.metrics.registry.get_sample_value(f"makersync_introductions_{name}") or 0 for name in names)
    return waiting, age / 3600, late


async def test_those_that_wait_are_counted_until_they_are_answered(scene: Scene, context: Context, clock: ManualClock) -> None:
    assert await measured(context) == (0, 0, 0)
    first = await scene.asked("lrn_1")
    await scene.asked("lrn_2")
    clock.move_to(clock.now() + timedelta(hours=3))
    assert await measured(context) == (2, 3, 0)
    await scene.feed.answers((await scene.answer(first)).accepted())
    assert (await measured(context))[0] == 1
    async with context.store.reading() as session:
        assert await definition().troubles(session, clock) == ()


async def test_an_answer_that_never_came_is_late(scene: Scene, context: Context, clock: ManualClock) -> None:
    """Guards: answers that do not arrive from the learners service, and nobody is told."""
    introduction_id = await scene.asked()
    answer_by = (await scene.shown(introduction_id))["answer_by"]
    while clock.today().isoformat() <= answer_by:
        clock.move_to(clock.now() + timedelta(days=1))
    async with context.store.reading() as session:
        [trouble] = await definition().troubles(session, clock)
    assert (await measured(context))[2] == 1
    assert "overdue" in trouble.what and answer_by in trouble.what and "learners service" in trouble.todo
