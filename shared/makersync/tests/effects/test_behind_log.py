"""DESIGN, exactly-once effects, 10: while their store is behind its log, processes say so and publish nothing."""

import asyncio

from makersync.effects.agreement import BEHIND_LOG
from makersync.effects.auditor import Auditor
from makersync.effects.publisher import Publisher, PublisherPace
from makersync.effects.relay import Relay
from makersync.runtime.store_agreement import StoreAgreement
from tests.servers.waiting import wait_for

from .auditing import FOREIGN, OWN, ahead, census, compared, go_above, publish_versions
from .toy_stores import dump, restore
from .toy_world import TTL_S, World, drain
from .toys import ANN, BOB, EVE, LEFT, LEFT_HALF, RIGHT_HALF, outgoing


async def test_a_store_that_is_behind_publishes_nothing_until_it_has_passed_the_log(world: World, relay: Relay) -> None:
    """Guards: thousands of versions with two events each. Once the store has passed the log, publishing resumes by itself."""
    await publish_versions(world, relay, ANN, 2)
    backup = await dump(world.store)
    await publish_versions(world, relay, ANN, 1)
    await restore(world.store, backup)
    await compared(world)
    relay = await world.relay()
    await world.halves.set(LEFT_HALF, BOB, 1)
    assert await relay.publish_batch(100) == 0
    await go_above(world, ANN, 4)
    assert await compared(world) == 0
    assert await world.conditions() == []
    assert await relay.publish_batch(100) == 2
    assert world.versions(LEFT, ANN) == [1, 2, 3, 4]


async def test_a_new_leader_compares_store_and_log_before_it_publishes(world: World, relay: Relay) -> None:
    """Guards: a database that was restored while it was away, under processes that had compared the earlier one."""
    await publish_versions(world, relay, ANN, 2)
    await compared(world)
    backup = await dump(world.store)
    await publish_versions(world, relay, ANN, 3)
    await relay.resign()
    await restore(world.store, backup)
    await world.halves.set(LEFT_HALF, ANN, 9)
    await world.pass_lease_time(TTL_S)
    part, stop = Publisher(OWN, world.broker, world.owner(), PublisherPace(poll_s=0.02, lease_ttl_s=0.6)), asyncio.Event()
    running = asyncio.create_task(part.run(stop))
    await wait_for(lambda: _is_behind(world))
    stop.set()
    await running
    assert world.versions(LEFT, ANN) == [1, 2, 3, 4, 5]


async def _is_behind(world: World) -> bool:
    return [each.name for each in await world.conditions()] == [BEHIND_LOG]


async def test_a_restore_under_a_running_service_is_detected_at_once(world: World, relay: Relay) -> None:
    auditor = Auditor(world.owner(), world.broker, OWN)
    await publish_versions(world, relay, ANN, 2)
    await auditor.step(0.0)
    backup = await dump(world.store)
    await publish_versions(world, relay, ANN, 3)
    await auditor.step(0.0)
    await restore(world.store, backup)
    await auditor.step(0.0)
    assert await ahead(world) == [(ANN, 5)]
    assert [each.name for each in await world.conditions()] == [BEHIND_LOG]


async def test_the_census_finds_keys_that_only_the_log_has_and_lifts_the_condition_when_they_agree(
    world: World, relay: Relay
) -> None:
    """Guards: a restored store that has written so many events since that its outbox does not look older."""
    auditor = Auditor(world.owner(), world.broker, OWN)
    await publish_versions(world, relay, BOB, 1)
    backup = await dump(world.store)
    await publish_versions(world, relay, ANN, 1)
    await publish_versions(world, relay, BOB, 1)
    await census(auditor)
    await restore(world.store, backup)
    for number in range(4):
        await world.halves.set(RIGHT_HALF, EVE, number)
    assert await census(auditor) == 0
    assert sorted(await ahead(world)) == [(BOB, 2), (ANN, 1)]
    await go_above(world, ANN, 2)
    await census(auditor)
    assert await ahead(world) == [(BOB, 2)]
    await go_above(world, BOB, 3)
    await census(auditor)
    assert (await ahead(world), await world.conditions()) == ([], [])


async def test_every_process_shows_how_many_keys_are_ahead_of_the_store(world: World, relay: Relay) -> None:
    """Guards: a gauge that only the process that found the keys set, and that no other process could reset."""
    await publish_versions(world, relay, ANN, 2)
    bystander = world.owner("two")
    agreement, counted = StoreAgreement(bystander, OWN), bystander.metrics.keys_ahead_of_store
    world.write(outgoing(LEFT_HALF, ANN, FOREIGN), outgoing(LEFT_HALF, BOB, 1))
    assert await compared(world) == 2
    await agreement.look()
    assert (counted._value.get(), agreement.holds_back) == (2, True)
    for key, version in ((ANN, FOREIGN + 1), (BOB, 2)):
        await go_above(world, key, version)
    assert await compared(world) == 0
    await agreement.look()
    assert counted._value.get() == 0


async def test_a_publishing_consumer_holds_no_partition_while_the_store_is_behind(sqlite_world: World) -> None:
    """Guards: a market that continues without its own history. Its state is loaded again afterwards."""
    rests = False
    loop = sqlite_world.loop(rests=lambda: rests)
    sqlite_world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    assert sorted(loop.held) == [0, 1, 2, 3]
    rests = True
    sqlite_world.write(outgoing(LEFT_HALF, ANN, 2))
    assert (await drain(loop), dict(loop.held)) == (0, {})
    rests = False
    assert await drain(loop) == 1
