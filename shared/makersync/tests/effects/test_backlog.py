"""Every process shows the backlog and whether it is being published, because the process that leads may be gone."""

import pytest

from makersync.effects.backlog import LEASES_UNLED, BacklogGauges
from makersync.errors import OperatorError

from .toy_world import TTL_S, World
from .toys import ANN, LEFT_HALF, pass_time


def backlog(world: World, name: str) -> BacklogGauges:
    return BacklogGauges("toys", world.owner(name), TTL_S)


def gauge(part: BacklogGauges, name: str) -> float | None:
    return part._owner.metrics.registry.get_sample_value(f"makersync_{name}")


async def test_a_process_that_does_not_lead_shows_the_backlog_and_its_age(sqlite_world: World) -> None:
    """Guards: gauges that only the leader sets are 0 everywhere once there is no leader."""
    world, standby = sqlite_world, backlog(sqlite_world, "two")
    await world.lease("one")
    await world.halves.set(LEFT_HALF, ANN, 1)
    pass_time(world.clock, 3)
    await standby.look()
    assert (gauge(standby, "outbox_unpublished"), gauge(standby, "relay_lag_seconds")) == (1, 3)


async def test_the_metrics_show_which_process_leads(world: World) -> None:
    await world.lease("one")
    parts = [backlog(world, "one"), backlog(world, "two")]
    for part in parts:
        await part.look()
    assert [gauge(part, "relay_leads") for part in parts] == [1, 0]


async def test_a_service_whose_events_nobody_publishes_is_not_ready(sqlite_world: World) -> None:
    """Guards: even if the last leader has left a lease that expires next year."""
    world, part = sqlite_world, backlog(sqlite_world, "two")
    await world.halves.set(LEFT_HALF, ANN, 1)
    await world.lease("one")
    await world.pass_lease_time(-365 * 24 * 3600)
    await part.look()
    await part.check()
    pass_time(world.clock, LEASES_UNLED * TTL_S + 1)
    await part.look()
    with pytest.raises(OperatorError, match="No process of toys has published for 19 s, and 1 events wait"):
        await part.check()
    assert gauge(part, "relay_unled_seconds") == 19
    await world.lease("two")
    await part.look()
    await part.check()
    assert gauge(part, "relay_unled_seconds") == 0
