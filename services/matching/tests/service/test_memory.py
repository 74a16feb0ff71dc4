"""The memory that a process of the matching service frees."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from service_world import MARKET_LOOP, World
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.effects.fence import Standing
from makersync.errors import RetryLater
from matching.adapters.consuming.market import MarketWork, Prepared
from matching.application.settling import PartitionMarket


class Tangled(RetryLater):
    """Errors of databases are in cycles with their frames, so what those frames hold waits for a collection."""

    def __init__(self) -> None:
        super().__init__("away")
        self.itself = self


@pytest.fixture
def by_hand() -> Iterator[int]:
    """Nothing is collected unless the service sees to it. Returns how many objects are exempt from collections before."""
    gc.collect()
    gc.disable()
    yield gc.get_freeze_count()
    gc.enable()


def live_markets(world: World) -> list[PartitionMarket]:
    [loop] = [each for each in world.loops if each.name == MARKET_LOOP]
    works = [held._work for held in loop.held.values()]
    return [
        work._market for work in works if isinstance(work, MarketWork) and work._market is not None and work._market.markets
    ]


@pytest.mark.usefixtures("by_hand")
async def test_a_market_that_is_dropped_after_an_error_is_freed_before_it_is_loaded_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.opening()
    await world.learner()
    await world.settle()
    [market] = live_markets(world)
    [region] = market.markets.values()
    old = [weakref.ref(market), weakref.ref(region), weakref.ref(region._engine)]
    del market, region

    async def fail(self: MarketWork, session: AsyncSession, prepared: Prepared, standing: Standing) -> Standing:
        raise Tangled

    with monkeypatch.context() as patched:
        patched.setattr(MarketWork, "write", fail)
        await world.learner("bob")
        with pytest.raises(Tangled):
            for loop in world.loops:
                await loop.round()
    assert any(each() is not None for each in old)
    await world.settle()
    assert [event.subject for event in await world.events() if event.type == "matching.MatchProposed"] == ["job/ann", "job/bob"]
    assert [each() for each in old] == [None, None, None]


async def test_a_market_that_goes_to_another_process_is_freed_at_once(by_hand: int, world: World) -> None:
    await world.opening()
    await world.learner()
    await world.settle()
    assert gc.get_freeze_count() > by_hand
    [market] = live_markets(world)
    old = weakref.ref(market)
    del market
    [loop] = [each for each in world.loops if each.name == MARKET_LOOP]
    loop._partitions.held.clear()
    assert old() is None


@pytest.mark.usefixtures("by_hand")
async def test_a_catalog_that_is_replaced_is_freed_with_all_that_it_remembered(world: World) -> None:
    await world.opening()
    await world.learner()
    await world.settle()
    [market] = live_markets(world)
    remembered = weakref.ref(market.rules.catalog._closure)
    await world.credential("new:badge")
    await world.settle()
    assert "new:badge" in market.rules.catalog.credentials
    assert remembered() is None
