"""Openings that change their terms all day: operators see that counts wait, and no rebalance begins the limit again."""

from datetime import timedelta

import pytest
from service_world import REGION, World
from visits import operator_of

from matching.adapters.region_tables import RegionRow
from matching.domain.reach import published
from matching.domain.reach.published import MOST_NEW_TERMS

PAGE = "/operations"


async def changed(world: World, times: int) -> None:
    for cents in range(times + 1):
        await world.opening(wage_max=2000 + cents)
        await world.settle()


async def counted(world: World) -> list[str]:
    await world.settle()
    return [each.type for each in await world.events() if ".Reach" in each.type]


async def test_operators_see_that_counts_wait_for_midnight(world: World) -> None:
    """Guards: an employer asks why its counts are old, or tries for a learner's wage floor, and nobody knows."""
    told, gauge = "changed terms more than 10 times", "makersync_openings_waiting_for_day"
    await changed(world, MOST_NEW_TERMS)
    async with operator_of(world) as operator:
        assert told not in (await operator.open(PAGE)).text, "the last change was counted for"
        await world.opening(wage_max=3000)
        await world.opening("another", wage_max=3000)
        await world.settle()
        page = (await operator.open(PAGE)).text
        assert f"1 opening {told}" in page and "until midnight" in page
        world.pass_seconds(10)
        await world.settle()
        [measure] = [each for each in world.definition.periodic(world.context) if each.name == "measure_counting"]
        await measure.step()
        assert world.context.metrics.registry.get_sample_value(gauge) == 1
        world.clock.move_to(world.clock.now() + timedelta(days=1))
        await world.settle()
        assert told not in (await operator.open(PAGE)).text


async def test_a_rebalance_among_many_ended_openings_begins_no_limit_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards decision 0062: who closes and reopens an opening would have ten more changes, once the partition has moved."""
    monkeypatch.setattr(published, "FEWEST_ENDED", 0)
    for version in range(3 * MOST_NEW_TERMS):
        await world.opening("old", title=f"Machinist {version}")
        await world.settle()
    await world.opening("old", kind="OpeningClosed", status="closed")
    await world.settle()
    world.clock.move_to(world.clock.now() + timedelta(days=1))
    await world.opening("third")
    await world.settle()
    await world.opening("third", kind="OpeningClosed", status="closed")
    await world.settle()
    for cents in range(MOST_NEW_TERMS):
        await world.opening("third", kind="OpeningReopened", wage_max=2000 + cents)
        await world.settle()
    await world.opening("third", kind="OpeningClosed", status="closed")
    await world.settle()
    await world.events()
    async with world.store.reading() as session:
        assert (await session.get_one(RegionRow, REGION)).reach_floor > 3 * MOST_NEW_TERMS
    await world.stop()
    await world.start("matching-2")
    await world.opening("third", kind="OpeningReopened", wage_max=3000)
    assert await counted(world) == []
