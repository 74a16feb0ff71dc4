"""An operator's command that holds the relay's lease, and what remains if it is killed."""

import asyncio

from makersync.effects.conditions import RECONCILING
from makersync.effects.publisher import Publisher, PublisherPace
from makersync.effects.reconciling import LEASE_S, sole_publisher
from tests.servers.waiting import wait_for

from .toy_world import World
from .toys import LEFT, own_topics

PACE = PublisherPace(poll_s=0.02, lease_ttl_s=0.6, retry_s=0.05)


async def test_a_killed_command_stops_no_writes_once_a_relay_publishes_again(world: World) -> None:
    """Guards: a closed terminal. The API would have waited forever for the command to end."""
    killed = sole_publisher(world.store, world.clock, "toys", "operator")
    await killed.__aenter__()
    publisher, stop = Publisher(own_topics("toys", LEFT), world.broker, world.owner(), PACE), asyncio.Event()
    running = asyncio.create_task(publisher.run(stop))
    await asyncio.sleep(0.2)
    assert await _conditions(world) == [RECONCILING]
    await world.pass_lease_time(LEASE_S)
    await wait_for(lambda: _nothing_holds(world))
    stop.set()
    await running
    await killed.__aexit__(None, None, None)


async def test_a_command_that_lost_its_lease_does_not_lift_the_next_ones_condition(world: World) -> None:
    first, second = (sole_publisher(world.store, world.clock, "toys", name) for name in ("first", "second"))
    await first.__aenter__()
    await world.pass_lease_time(LEASE_S)
    async with second:
        await first.__aexit__(None, None, None)
        assert await _conditions(world) == [RECONCILING]
    assert await _conditions(world) == []


async def _conditions(world: World) -> list[str]:
    return [each.name for each in await world.conditions()]


async def _nothing_holds(world: World) -> bool:
    return await _conditions(world) == []
