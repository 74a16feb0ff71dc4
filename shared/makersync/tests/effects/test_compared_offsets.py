"""DESIGN, exactly-once effects, 10: a comparison of store and log continues where the last one ended, and skips nothing."""

import pytest

from makersync.broker.memory import MemoryBroker
from makersync.effects import comparison
from makersync.effects.auditor import Auditor
from makersync.effects.divergence import Divergence, find_divergences
from makersync.effects.log_identity import start_over
from makersync.effects.relay import Relay

from .auditing import OWN, compared, go_above, publish_versions
from .toy_stores import dump, restore
from .toy_world import World
from .toys import ANN, BOB, LEFT, LEFT_HALF, PAIR, PARTITIONS, REGIONS, RIGHT, at, outgoing, pass_time


async def test_the_next_start_reads_only_new_records(world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the marks. A start must not read ten million records again."""
    await publish_versions(world, relay, ANN, 3)
    assert await compared(world) == 0
    await publish_versions(world, relay, ANN, 2)
    read: list[int] = []
    read_records = comparison.own_records
    monkeypatch.setattr(
        comparison, "own_records", lambda records, counts: read.append(len(records)) or read_records(records, counts)
    )
    assert await compared(world) == 0
    assert await compared(world) == 0
    assert sum(read) == 2


async def test_a_store_older_than_its_marks_is_compared_with_the_whole_log(world: World, relay: Relay) -> None:
    """Guards: tables that were restored one by one, without the marks."""
    await publish_versions(world, relay, ANN, 2)
    backup = await dump(world.store)
    await publish_versions(world, relay, ANN, 1)
    await compared(world)
    now = await dump(world.store)
    await restore(world.store, now | {"outbox": backup["outbox"]})
    assert await compared(world) == 1


async def test_added_partitions_hide_no_record_that_is_ahead(world: World, relay: Relay) -> None:
    """Guards: every key seemed to be misplaced, so nothing was compared and the marks moved past it."""
    await publish_versions(world, relay, ANN, 2)
    backup = await dump(world.store)
    await publish_versions(world, relay, ANN, 1)
    await restore(world.store, backup)
    world.broker.add_partitions(LEFT.name, 2 * PARTITIONS + 1)
    [case] = (await find_divergences(world.store, world.broker, [LEFT, RIGHT, PAIR], PARTITIONS)).cases
    assert (case.difference, case.floor) == (Divergence.LOG_NEWER, 3)
    assert await compared(world) == 1


async def test_more_keys_than_can_be_noted_are_reported_and_not_marked_as_compared(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: the marks do not move if not everything was compared."""
    monkeypatch.setattr(comparison, "FETCH", 2)
    monkeypatch.setattr(comparison, "MOST_NOTED", 2)
    monkeypatch.setattr("makersync.effects.agreement.MOST_NOTED", 2)
    keys = [f"{REGIONS[0]}/{name}" for name in "abcdef"]
    for key in keys:
        await publish_versions(world, relay, key, 1)
    await restore(world.store, {})
    assert await compared(world) == 2
    [condition] = await world.conditions()
    assert "at least 2 keys" in condition.problem
    for key in keys[:2]:
        await go_above(world, key, 2)
    assert await compared(world) == 2


async def test_a_new_log_is_compared_from_its_beginning(world: World, relay: Relay) -> None:
    await publish_versions(world, relay, ANN, 2)
    await compared(world)
    async with world.store.transaction() as session:
        await start_over(session)
    world.write(outgoing(LEFT_HALF, BOB, 1))
    world.broker.drop_before(at(LEFT_HALF, 0), 1)
    assert await compared(world) == 1


async def test_the_auditor_marks_how_far_it_has_compared(world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    auditor = Auditor(world.owner(), world.broker, OWN)
    await publish_versions(world, relay, ANN, 3)
    await auditor.step(0.0)
    await publish_versions(world, relay, ANN, 3)
    pass_time(world.clock, 6.0)
    await auditor.step(0.0)

    def refuse(*_: object) -> None:
        raise AssertionError("nothing is to be read")

    monkeypatch.setattr(MemoryBroker, "tail", refuse)
    assert await compared(world) == 0
