"""DESIGN, exactly-once effects, 2: the last record of each key is the newest published version."""

from collections.abc import Sequence

import pytest
from sqlmodel import delete

from makersync.broker.memory_clients import MemoryTail
from makersync.broker.port import BrokerAway
from makersync.effects.auditor import Auditor
from makersync.effects.refused_events import Refusal
from makersync.effects.relay import Relay
from makersync.store.tables import OutboxRow

from .auditing import OWN, census, publish_versions
from .toy_world import World
from .toys import ANN, BOB, LEFT, LEFT_HALF, PARTITIONS, REGIONS, RIGHT_HALF, at, last_of_each_key, outgoing, own_topics


async def test_a_version_written_after_a_newer_one_is_covered_by_the_newer_one(
    world: World, relay: Relay, auditor: Auditor
) -> None:
    """Guards: the comparison in the tail. Without it compaction would keep version 4 of a subject that is at version 5."""
    await publish_versions(world, relay, ANN, 5)
    await auditor.step(0.0)
    world.write(outgoing(LEFT_HALF, ANN, 4))
    await auditor.step(0.0)
    assert await world.waiting() == [(ANN, 5)]
    await relay.publish_batch(10)
    assert world.versions(LEFT, ANN) == [1, 2, 3, 4, 5, 4, 5]
    await auditor.step(0.0)
    assert (auditor.repaired, await world.waiting()) == (1, [])


async def test_a_late_version_between_acknowledgement_and_mark_is_covered_too(
    world: World, relay: Relay, auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: a row that is not marked yet is judged again later. Otherwise the mark of the publication in progress would undo
    the repair."""
    await world.halves.set(LEFT_HALF, ANN, 1)
    await relay.publish_batch(10)
    await world.halves.set(LEFT_HALF, ANN, 2)
    mark = Relay._mark

    async def late_twin_first(marking: Relay, ids: list[int], refusals: Sequence[Refusal]) -> None:
        world.write(outgoing(LEFT_HALF, ANN, 1))
        await auditor.step(0.0)
        await mark(marking, ids, refusals)

    with monkeypatch.context() as patched:
        patched.setattr(Relay, "_mark", late_twin_first)
        await relay.publish_batch(10)
    assert world.versions(LEFT, ANN) == [1, 2, 1]
    await auditor.step(0.0)
    await relay.publish_batch(10)
    assert world.versions(LEFT, ANN) == [1, 2, 1, 2]
    for _ in range(3):
        await auditor.step(0.0)
    assert (auditor.repaired, await world.waiting()) == (1, [])


async def test_versions_out_of_order_in_one_fetch_are_repaired_too(world: World, relay: Relay, auditor: Auditor) -> None:
    await publish_versions(world, relay, ANN, 5)
    world.write(outgoing(LEFT_HALF, ANN, 4))
    await auditor.step(0.0)
    assert await world.waiting() == [(ANN, 5)]


async def test_a_copy_of_the_newest_version_needs_no_repair(world: World, relay: Relay, auditor: Auditor) -> None:
    await publish_versions(world, relay, ANN, 2)
    world.write(world.twin(LEFT, ANN, 2))
    await auditor.step(0.0)
    assert await census(auditor) == 0
    assert (await world.waiting(), await world.conditions()) == ([], [])


async def test_a_correct_log_is_not_changed(world: World, relay: Relay, auditor: Auditor) -> None:
    """Guards: a correct log causes no publication, for all topics and for unpublished events too."""
    await publish_versions(world, relay, ANN, 3)
    await publish_versions(world, relay, BOB, 1)
    await world.halves.set(RIGHT_HALF, BOB, 1)
    await relay.publish_batch(100)
    await world.halves.set(RIGHT_HALF, BOB, 2)
    assert await census(auditor) == 0
    assert await world.waiting() == [(BOB, 2)]


async def test_added_partitions_misplace_no_key(world: World, relay: Relay) -> None:
    """Guards: a new leader published the whole outbox again at each census, because it used the broker's number of partitions
    instead of the configured one."""
    await publish_versions(world, relay, ANN, 2)
    await publish_versions(world, relay, BOB, 1)
    world.broker.add_partitions(LEFT.name, 2 * PARTITIONS + 1)
    assert await census(Auditor(world.owner(), world.broker, OWN)) == 0
    assert await world.waiting() == []


async def test_a_record_that_the_log_lost_is_published_again(world: World, relay: Relay, auditor: Auditor) -> None:
    """Guards: the census. The tail alone cannot miss a record that it never read."""
    await publish_versions(world, relay, ANN, 2)
    await publish_versions(world, relay, BOB, 1)
    world.broker.drop_from(at(LEFT_HALF, 0), 1)
    world.broker.drop_from(at(LEFT_HALF, 1), 0)
    assert await census(auditor) == 2
    await relay.publish_batch(10)
    assert last_of_each_key(world.broker.records(LEFT.name)) == {ANN: 2, BOB: 1}
    assert await census(auditor) == 0


async def test_a_census_judges_no_key_before_it_has_read_the_log(
    world: World, relay: Relay, auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: a tail that is behind has not seen all records. Judging early would publish everything twice."""
    await publish_versions(world, relay, ANN, 3)
    await publish_versions(world, relay, BOB, 3)
    monkeypatch.setattr("makersync.effects.auditor.FETCH", 2)
    await auditor.begin_census()
    steps = 0
    while auditor.is_counting:
        await auditor.step(0.0)
        steps += 1
    assert steps == 3
    assert await world.waiting() == []


async def test_a_census_ends_although_events_keep_coming(world: World, relay: Relay, auditor: Auditor) -> None:
    """Guards: a census covers what the log held when it began. One that waited for a quiet moment would never end under
    load."""
    await publish_versions(world, relay, ANN, 3)
    await auditor.step(0.0)
    world.broker.drop_from(at(LEFT_HALF, 0), 2)
    fresh = Auditor(world.owner(), world.broker, own_topics("toys", LEFT))
    await fresh.begin_census()
    for value in range(5):
        await publish_versions(world, relay, BOB, value + 1)
        await fresh.step(0.0)
    assert (fresh.is_counting, fresh.repaired) == (False, 1)


async def test_a_census_covers_every_page_of_the_outbox(
    world: World, relay: Relay, auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("makersync.effects.auditor.PAGE", 2)
    keys = [f"{REGIONS[0]}/{name}" for name in ("a", "b", "c", "d", "e")]
    for key in keys:
        await publish_versions(world, relay, key, 2)
    world.broker.drop_from(at(LEFT_HALF, 0), 0)
    assert await census(auditor) == 5
    await relay.publish_batch(10)
    assert last_of_each_key(world.broker.records(LEFT.name)) == dict.fromkeys(keys, 2)


async def test_the_outbox_keeps_every_event_that_a_census_needs(world: World, relay: Relay, auditor: Auditor) -> None:
    """Guards: pruning keeps the newest version, even of subjects that have ended."""
    await publish_versions(world, relay, ANN, 2)
    await world.halves.set(LEFT_HALF, ANN, None)
    await relay.publish_batch(10)
    world.broker.drop_from(at(LEFT_HALF, 0), 2)
    assert await census(auditor) == 1
    await relay.publish_batch(10)
    assert last_of_each_key(world.broker.records(LEFT.name)) == {ANN: 3}


async def test_an_auditor_continues_after_the_broker_was_away(world: World, relay: Relay, auditor: Auditor) -> None:
    await publish_versions(world, relay, ANN, 2)
    await auditor.step(0.0)
    world.broker.stop_answering()
    with pytest.raises(BrokerAway):
        await auditor.step(0.0)
    world.broker.start_answering()
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await auditor.step(0.0)
    assert await world.waiting() == [(ANN, 2)]


async def test_an_auditor_closes_its_tail(
    world: World, relay: Relay, auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[MemoryTail] = []

    async def close(tail: MemoryTail) -> None:
        closed.append(tail)

    monkeypatch.setattr(MemoryTail, "close", close)
    await auditor.step(0.0)
    await auditor.close()
    assert len(closed) == 1


async def test_an_empty_outbox_repairs_no_key(world: World, auditor: Auditor) -> None:
    world.write(outgoing(LEFT_HALF, ANN, 5), outgoing(LEFT_HALF, ANN, 4))
    async with world.store.transaction() as session:
        await session.exec(delete(OutboxRow))
    assert await census(auditor) == 0
