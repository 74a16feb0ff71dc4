"""Operators see what waits to be counted in matching, and how long answers take."""

from datetime import timedelta
from typing import Any

import pytest
from service_world import NOW, REGION, World
from structlog.testing import capture_logs

from makersync.runtime.drafts import RegionDrafts
from matching.adapters.counting_gauges import FORGET_AFTER_S, CountingGauges
from matching.adapters.draft_repository import waiting_drafts
from matching.application import reaching
from matching.domain.pathways.refresh_plan import Overdue


def sample(world: World, name: str) -> float | None:
    return world.context.metrics.registry.get_sample_value(f"makersync_{name}")


async def waiting(world: World) -> list[RegionDrafts]:
    async with world.store.reading() as session:
        return list(await waiting_drafts(session))


async def test_a_draft_waits_from_its_event_until_its_answer(world: World) -> None:
    """Guards: what another process answers, or has ended, waits no longer."""
    [catalog, drafts, market] = world.loops
    world.loops = [catalog, drafts]
    asked_at = world.clock.now()
    await world.draft()
    await world.draft("given-up")
    await world.settle()
    assert await waiting(world) == [RegionDrafts(REGION, 2, asked_at)]
    await world.draft_ends("given-up")
    await world.settle()
    assert await waiting(world) == [RegionDrafts(REGION, 1, asked_at)]
    world.loops = [catalog, drafts, market]
    answered_from = world.clock.now()
    await world.settle()
    assert await waiting(world) == []
    assert sample(world, "draft_answer_seconds_count") == 1
    assert (sample(world, "draft_answer_seconds_sum") or 0) >= (answered_from - asked_at).total_seconds()


async def test_a_draft_that_cannot_be_counted_names_its_region(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise OverflowError

    monkeypatch.setattr(reaching, "_counted", fails)
    with capture_logs() as lines:
        await world.draft()
        await world.settle()
    [line] = [each for each in lines if each["event"] == "draft_not_counted"]
    assert (line["region"], line["draft"]) == (REGION, "draft")
    assert sample(world, "draft_answer_seconds_count") == 0


async def test_openings_are_counted_in_the_metrics_as_they_are_looked_at(world: World) -> None:
    await world.opening()
    await world.opening("other")
    await world.settle()
    looked_at = sample(world, "openings_counted_total")
    assert looked_at is not None
    assert looked_at >= 2
    world.pass_seconds(10)
    await world.settle()
    assert (sample(world, "openings_to_count"), sample(world, "count_late_seconds")) == (0, 0)
    assert sample(world, "openings_waiting_for_day") == 0


async def test_partition_numbers_of_a_process_are_summed_up_while_it_owns_them(world: World) -> None:
    """Guards: a number that was lost must not be late for ever."""
    gauges = CountingGauges(world.context.metrics, world.clock)
    gauges.note(1, Overdue(3, 10.0))
    world.clock.move_to(NOW + timedelta(hours=1))
    assert gauges.wants(1)
    gauges.note(2, Overdue(4, 20.0), 2)
    gauges.note(3, Overdue(5, 0.0), 1)
    assert not gauges.wants(2)
    await gauges.measure()
    assert (sample(world, "openings_to_count"), sample(world, "count_late_seconds")) == (9, 20)
    assert sample(world, "openings_waiting_for_day") == 3
    world.pass_seconds(FORGET_AFTER_S + 1)
    await gauges.measure()
    assert (sample(world, "openings_to_count"), sample(world, "count_late_seconds")) == (0, 0)
    assert sample(world, "openings_waiting_for_day") == 0
