"""DESIGN, exactly-once effects, 10: a store that is behind its own topics is detected and reported, and publishes nothing
more."""

from makersync.broker.port import Outgoing
from makersync.effects.agreement import BEHIND_LOG, newest_outbox
from makersync.effects.auditor import Auditor
from makersync.effects.refused_events import Refusal, set_aside
from makersync.effects.relay import Relay
from makersync.store.tables import OutboxRow
from makersync.store.upserts import insert_rows

from .auditing import OWN, ahead, compared, publish_versions
from .toy_stores import dump, restore
from .toy_world import World
from .toys import ANN, BOB, EVE, LEFT, LEFT_HALF, RIGHT_HALF


async def test_a_store_that_has_what_was_published_agrees(world: World, relay: Relay) -> None:
    """Guards: no false alarm over pruned versions, unpublished events, or events in the log that are not marked yet."""
    await publish_versions(world, relay, ANN, 5)
    await publish_versions(world, relay, BOB, 1, RIGHT_HALF)
    await world.halves.set(LEFT_HALF, ANN, 9)
    async with world.store.reading() as session:
        payload = (await session.get_one(OutboxRow, await newest_outbox(session))).payload
    world.write(Outgoing(LEFT.name, 0, ANN.encode(), payload), world.twin(LEFT, ANN, 2))
    assert await compared(world) == 0
    assert await world.conditions() == []


async def test_a_refused_event_belongs_to_the_store(world: World, relay: Relay) -> None:
    """Guards: an event whose first attempt was written without an acknowledgement, and whose repetition was refused. It was
    also the newest outbox row, and the store must not seem older without it."""
    auditor = Auditor(world.owner(), world.broker, OWN)
    await publish_versions(world, relay, ANN, 3)
    await auditor.step(0.0)
    async with world.store.transaction() as session:
        row = await session.get_one(OutboxRow, await newest_outbox(session))
        await set_aside(session, world.clock, "toys", [Refusal(row, "too large")])
        assert await newest_outbox(session) == row.id
    world.write(Outgoing(LEFT.name, 0, ANN.encode(), row.payload))
    await auditor.step(0.0)
    assert await compared(world) == 0
    assert await ahead(world) == []


async def test_a_store_that_was_restored_says_which_keys_are_older_than_in_the_log(world: World, relay: Relay) -> None:
    await publish_versions(world, relay, ANN, 2)
    await compared(world)
    backup = await dump(world.store)
    await publish_versions(world, relay, ANN, 3)
    await publish_versions(world, relay, EVE, 1)
    await compared(world)
    await restore(world.store, backup)
    assert await compared(world) == 2
    [condition] = await world.conditions()
    assert (condition.name, condition.stops_writes) == (BEHIND_LOG, True)
    assert f"in 2 keys: of {EVE} {LEFT.name} holds version 1, the database version 0" in condition.problem
    assert await ahead(world) == [(EVE, 1), (ANN, 5)]
    assert condition.remedy == "Run `makersync reconcile toys`"


async def test_a_lost_store_names_the_command_that_restores_it(world: World, relay: Relay) -> None:
    await publish_versions(world, relay, ANN, 2)
    await compared(world)
    await restore(world.store, {})
    assert await compared(world) == 1
    [condition] = await world.conditions()
    assert "was lost" in condition.problem
    assert condition.remedy == "Run `makersync rebuild`"


async def test_a_restored_store_that_continued_has_another_event_at_the_same_version(world: World, relay: Relay) -> None:
    """Guards: the versions are equal, but readers keep the event that they applied first."""
    await publish_versions(world, relay, ANN, 2)
    backup = await dump(world.store)
    await publish_versions(world, relay, ANN, 1)
    await restore(world.store, backup)
    await world.halves.set(LEFT_HALF, ANN, 7)
    assert await compared(world) == 1
    [condition] = await world.conditions()
    assert "holds another event of version 3, the database version 3" in condition.problem


async def test_a_store_that_adopted_the_logs_event_agrees(world: World, relay: Relay) -> None:
    await publish_versions(world, relay, ANN, 2)
    backup = await dump(world.store)
    await publish_versions(world, relay, ANN, 1)
    newest = (await dump(world.store))["outbox"][-1]
    await restore(world.store, backup)
    assert await compared(world) == 1
    async with world.store.transaction() as session:
        await insert_rows(session, OutboxRow, [newest])
    assert await compared(world) == 0
    assert await world.conditions() == []
