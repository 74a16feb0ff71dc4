"""DESIGN, exactly-once effects, 1: one relay at a time has the lease, and only that one marks events."""

from datetime import UTC, datetime, timedelta

import pytest

from makersync.errors import Fenced

from .toy_world import TTL_S, World
from .toys import ANN, LEFT_HALF, NOW


async def test_one_of_two_relays_publishes(world: World) -> None:
    """Guards: the lease."""
    assert await world.lease("one") is not None
    assert await world.lease("two") is None


async def test_the_owner_of_a_lease_takes_it_again_at_once(world: World) -> None:
    """Guards: a process that was killed and restarted need not wait for its own lease."""
    first, again = await world.lease("one"), await world.lease("one")
    assert first is not None and again is not None
    assert again.epoch == first.epoch + 1


async def test_a_silent_relay_is_succeeded_after_its_lease_has_expired(world: World) -> None:
    """Guards: `expires_at`."""
    await world.lease("one")
    await world.pass_lease_time(TTL_S - 3)
    assert await world.lease("two") is None
    await world.pass_lease_time(3)
    assert await world.lease("two") is not None


async def test_a_lease_that_expires_too_far_ahead_is_ignored(world: World) -> None:
    """Guards: a clock that was ahead for a minute. Otherwise nothing would be published until its date."""
    assert await world.lease("one") is not None
    await world.pass_lease_time(-365 * 24 * 3600)
    assert await world.lease("two") is not None


@pytest.mark.cluster
async def test_a_lease_uses_the_databases_time_and_not_a_hosts(postgres_world: World) -> None:
    """Guards: `clock_timestamp`. The host's clock is years behind the database's, then years ahead."""
    world = postgres_world
    for host in (NOW, NOW + timedelta(days=3650)):
        world.clock.move_to(host)
        lease = await world.lease("one")
        assert lease is not None
        assert abs((await world.lease_expiry() - datetime.now(UTC)).total_seconds() - TTL_S) < 5
        assert await world.lease("two") is None


async def test_a_relay_that_renews_its_lease_keeps_it(world: World) -> None:
    relay = await world.relay("one")
    for _ in range(4):
        await world.pass_lease_time(TTL_S / 2)
        await relay.keep_lease()
        assert await world.lease("two") is None


async def test_a_relay_that_was_succeeded_can_mark_no_event(world: World) -> None:
    """Guards: every mark requires the epoch. Without it a relay that resumes after a pause would mark its successor's work as
    done."""
    await world.halves.set(LEFT_HALF, ANN, 1)
    stale = await world.relay("one")
    await world.pass_lease_time(TTL_S)
    successor = await world.relay("two")
    with pytest.raises(Fenced):
        await stale.publish_batch(10)
    assert await world.waiting() == [(ANN, 1)]
    with pytest.raises(Fenced):
        await stale.keep_lease()
    assert await successor.publish_batch(10) == 1
    assert await world.waiting() == []


async def test_a_relay_that_resigns_is_succeeded_at_once(world: World) -> None:
    """Guards: after an orderly stop no process waits for the lease to expire."""
    await (await world.relay("one")).resign()
    assert await world.lease("two") is not None


async def test_a_relay_that_was_succeeded_does_not_end_the_lease_by_resigning(world: World) -> None:
    stale = await world.relay("one")
    await world.pass_lease_time(TTL_S)
    successor = await world.relay("two")
    await stale.resign()
    await successor.keep_lease()
    assert await world.lease("three") is None
