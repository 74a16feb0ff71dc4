"""Offsets without a record (transaction markers, aborted and compacted records) are passed: a reader of every record has caught
up."""

from datetime import timedelta

import pytest

from makersync.broker.port import TopicPartition
from makersync.effects.consumer_port import Consumer
from makersync.effects.fence import Standing, stored
from makersync.effects.predecessor import Predecessor

from .toy_services import READERS, JoinWork
from .toy_world import World, drain, work_off
from .toys import ANN, LEFT, LEFT_HALF, outgoing, toy_outbox

HERE = TopicPartition(LEFT.name, 0)


async def offsets(world: World) -> dict[str, int]:
    async with world.store.reading() as session:
        return next(dict(row.offsets) for row in await stored(session, "pairs") if row.partition == 0)


async def test_a_gap_at_the_end_is_passed_and_stored(world: World) -> None:
    """Guards: comparing the stored offset with the end, in any process, shows that everything was read."""
    loop = world.loop()
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    world.broker.leave_gap(HERE, 2)
    await drain(loop)
    assert await offsets(world) == {LEFT.name: 3}
    world.write(outgoing(LEFT_HALF, ANN, 2))
    await drain(loop)
    assert (await offsets(world), await world.ledger()) == ({LEFT.name: 4}, [(LEFT_HALF, ANN, 1), (LEFT_HALF, ANN, 2)])


async def test_a_gap_behind_a_batch_is_stored_with_it(sqlite_world: World) -> None:
    world = sqlite_world
    world.write(outgoing(LEFT_HALF, ANN, 1))
    world.broker.leave_gap(HERE)
    await work_off(world)
    assert await offsets(world) == {LEFT.name: 2}


async def test_a_topic_that_holds_only_a_gap_counts_as_read(sqlite_world: World) -> None:
    world = sqlite_world
    world.broker.leave_gap(HERE)
    await work_off(world)
    assert await offsets(world) == {LEFT.name: 1}


async def test_due_work_is_done_although_the_partition_ends_in_a_gap(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: midnight. Due work waits until no record is left to read, and a gap holds none."""
    world = sqlite_world
    loop = world.loop()
    world.write(outgoing(LEFT_HALF, ANN, 1))
    world.broker.leave_gap(HERE)
    await drain(loop)
    work = loop.held[0]._work
    assert isinstance(work, JoinWork)
    work.standing = Standing(day=world.clock.today() + timedelta(days=1))
    world.broker.leave_gap(HERE)
    await drain(loop)
    assert loop.held[0].hold.standing == work.standing
    assert await offsets(world) == {LEFT.name: 3}


async def test_a_consumer_that_comes_after_another_does_not_wait_for_a_gap(sqlite_world: World) -> None:
    """Guards: a transaction marker at the end of the catalog must not keep the market from starting forever."""
    world = sqlite_world
    world.write(outgoing(LEFT_HALF, ANN, 1))
    world.broker.leave_gap(HERE)
    await work_off(world)
    first = Consumer("pairs", READERS, lambda number: JoinWork(number, toy_outbox("pairs", world.clock)))
    assert await Predecessor(first).is_done(world.broker, world.store)
