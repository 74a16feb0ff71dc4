"""DESIGN, exactly-once effects, 10: a store that was restored although its own topics hold nothing newer is noticed by what its
consumers noted at the broker; nothing else is taken for a restoration."""

import pytest

from makersync.broker.port import Progress
from makersync.effects.conditions import stops_writes
from makersync.effects.fence import Hold, Standing, is_older, stored
from makersync.effects.log_identity import recognise_log, start_over
from makersync.effects.restored_store import RESTORED, mend
from makersync.store.tables import FenceRow

from .toy_stores import dump, restore
from .toy_world import World, drain, work_off
from .toys import ANN, BOB, LEFT, LEFT_HALF, PARTITIONS, REGIONS, at, outgoing

GROUP = "pairs"


async def read_all(world: World) -> None:
    """As a process that ends in order, with everything noted."""
    await work_off(world, note_s=0.0)


async def read_some(world: World, *versions: int) -> None:
    world.write(*[outgoing(LEFT_HALF, ANN, version) for version in versions])
    await read_all(world)


async def is_noticed(world: World) -> bool:
    """At the start of a process."""
    return await world.watch().look(GROUP)


async def is_declared(world: World) -> bool:
    return [each.name for each in await world.conditions()] == [RESTORED]


async def reconciled(world: World) -> None:
    notes = {GROUP: await world.broker.progress(GROUP)}
    async with world.store.transaction() as session:
        await mend(session, world.log_id, notes)


async def test_a_store_that_has_read_less_than_its_consumers_noted_was_restored(world: World) -> None:
    """Guards: a feed whose positions are given out twice, while no own topic says anything."""
    await read_some(world, 1, 2)
    loop = world.loop(note_s=0.0)
    await drain(loop)
    earlier = await dump(world.store)
    world.write(outgoing(LEFT_HALF, ANN, 3))
    await drain(loop)
    await restore(world.store, earlier)
    assert await is_noticed(world)
    [condition] = await world.conditions()
    assert (condition.name, condition.stops_writes) == (RESTORED, True)
    assert condition.problem.endswith(f"pairs had read {LEFT.name} partition 0 up to 3, and the database knows of 2")
    assert condition.remedy == "Run `makersync reconcile toys --take-log`, which also starts the feeds over"
    async with world.store.reading() as session:
        assert await stops_writes(session)


async def test_a_store_from_before_the_last_start_of_a_consumer_was_restored(world: World) -> None:
    """Guards: nothing was read since, but what a process adds to a feed by itself is gone too."""
    await read_some(world, 1)
    earlier = await dump(world.store)
    await read_all(world)
    await restore(world.store, earlier)
    assert await is_noticed(world)
    [condition] = await world.conditions()
    assert "pairs has taken partition 0 2 times, and the database knows of 1" in condition.problem


async def test_a_lost_store_was_restored_to_nothing(world: World) -> None:
    await read_some(world, 1)
    await restore(world.store, {})
    assert await is_noticed(world)


async def test_a_consumer_notices_before_it_takes_a_partition(world: World) -> None:
    """Guards: epochs that rise again after a restoration, until they hide it."""
    await read_some(world, 1)
    earlier = await dump(world.store)
    await read_some(world, 2)
    await restore(world.store, earlier)
    await read_all(world)
    assert await is_declared(world)


@pytest.mark.parametrize("is_busy", [False, True])
async def test_a_restoration_under_a_running_consumer_is_noticed(world: World, is_busy: bool) -> None:
    """Guards: a database that fails over to a replica that lacked the last commits, before a note was made of them. Where a
    record comes next, the fence is met before anybody looks."""
    loop = world.loop(note_s=3600.0, fenced_wait_s=0.0)
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    earlier = await dump(world.store)
    world.write(outgoing(LEFT_HALF, ANN, 2))
    await drain(loop)
    await restore(world.store, earlier)
    versions = [1, 2]
    if is_busy:
        world.write(outgoing(LEFT_HALF, ANN, 3))
        versions.append(3)
    await drain(loop)
    assert await is_declared(world)
    await drain(loop)
    assert await world.ledger() == [(LEFT_HALF, ANN, version) for version in versions]


async def test_after_a_reconciliation_nothing_shows_the_restoration_any_more(world: World) -> None:
    """Guards: a store that is mended, and refused again at the next start, or as long as it has not caught up."""
    await read_some(world, 1)
    earlier = await dump(world.store)
    await read_some(world, 2)
    await restore(world.store, earlier)
    assert await is_noticed(world)
    await reconciled(world)
    assert await world.conditions() == []
    assert not await is_noticed(world)
    await read_all(world)
    assert not await is_noticed(world)
    assert await world.conditions() == []
    assert await world.ledger() == [(LEFT_HALF, ANN, 1), (LEFT_HALF, ANN, 2)]


async def test_a_store_that_is_restored_again_after_a_reconciliation_is_noticed_again(world: World) -> None:
    await read_some(world, 1)
    earlier = await dump(world.store)
    for version in (2, 3):
        await read_some(world, version)
        await restore(world.store, earlier)
        assert await is_noticed(world)
        await reconciled(world)


async def test_a_store_at_the_moment_of_its_last_commit_was_not_restored(world: World) -> None:
    """Guards: a database that was moved to another machine while its service stood still."""
    await read_some(world, 1, 2)
    copy = await dump(world.store)
    await restore(world.store, {})
    await restore(world.store, copy)
    assert not await is_noticed(world)


async def test_a_store_that_is_ahead_of_its_notes_was_not_restored(world: World) -> None:
    """Guards: processes that die before they note what they have committed."""
    loop = world.loop(note_s=3600.0)
    for version in (1, 2, 3):
        world.write(outgoing(LEFT_HALF, ANN, version))
        await drain(loop)
        assert not await is_noticed(world)
    await read_all(world)
    assert await world.conditions() == []


@pytest.mark.parametrize("remark", ["", "epoch", "epoch x of log-1", "moved by hand", "epoch 99 of log-0"])
async def test_notes_of_tools_and_of_another_log_show_nothing(world: World, remark: str) -> None:
    """Guards: a group that an operator's tool has moved ahead, and a log that took another's place."""
    await read_some(world, 1)
    world.broker.note(GROUP, {at(LEFT_HALF, 0): Progress(99, remark)})
    assert not await is_noticed(world)
    await read_all(world)
    assert await world.conditions() == []


async def test_a_group_that_was_deleted_or_moved_back_shows_nothing(world: World) -> None:
    await read_some(world, 1, 2)
    world.broker.note(GROUP, {at(LEFT_HALF, 0): Progress(0)})
    assert not await is_noticed(world)
    world.broker._progress.clear()
    assert not await is_noticed(world)


async def test_a_store_that_starts_over_on_its_log_was_not_restored(world: World) -> None:
    """Guards: offsets that go back to the first record because an operator chose so after the log lost its end."""
    await read_some(world, 1, 2, 3)
    async with world.store.transaction() as session:
        await start_over(session)
    assert not await is_noticed(world)


async def test_a_replaced_log_shows_nothing(world: World) -> None:
    """Guards: a broker that kept its log in memory, and notes that outlived it."""
    await recognise_log(world.store, world.broker, "refuse")
    await read_some(world, 1, 2, 3)
    notes = await world.broker.progress(GROUP)
    world.log_id = "log-2"
    world.broker.note(GROUP, notes)
    async with world.store.transaction() as session:
        await start_over(session)
    assert not await is_noticed(world)


async def test_partitions_that_were_added_show_nothing(world: World) -> None:
    world.write(*[outgoing(LEFT_HALF, f"{region}/bob", 1) for region in REGIONS])
    await read_all(world)
    world.broker.add_partitions(LEFT.name, PARTITIONS + 2)
    await read_all(world)
    assert not await is_noticed(world)
    assert await world.conditions() == []


async def test_raised_epochs_keep_what_was_read(world: World) -> None:
    """Guards: a reconciliation after which a consumer reads everything again."""
    world.write(outgoing(LEFT_HALF, BOB, 1))
    await read_some(world, 1)
    before = await _fences(world)
    await reconciled(world)
    after = await _fences(world)
    assert {n: row.offsets for n, row in after.items()} == {n: row.offsets for n, row in before.items()}
    assert all(after[n].epoch == row.epoch + 1 for n, row in before.items() if row.offsets)


async def _fences(world: World) -> dict[int, FenceRow]:
    async with world.store.reading() as session:
        return {row.partition: row for row in await stored(session, GROUP)}


@pytest.mark.parametrize(
    ("epoch", "offsets", "older"),
    [
        (7, {"a": 3, "b": 5}, False),
        (7, {"a": 2, "b": 5}, True),
        (7, {"a": 3}, True),
        (7, {"a": 4, "b": 5}, False),
        (7, {"a": 3, "b": 5, "c": 1}, False),
        (6, {"a": 3, "b": 5}, True),
        (8, {"a": 1}, False),
    ],
)
def test_a_row_that_is_ahead_or_anothers_is_no_restored_one(epoch: int, offsets: dict[str, int], older: bool) -> None:
    """Guards: writes of a healthy service would stop after a commit that was not heard of, or a take-over."""
    hold = Hold("toys", 0, 7, {"a": 3, "b": 5}, Standing())
    row = FenceRow(consumer="toys", partition=0, epoch=epoch, owner="x", offsets=offsets, catalog_offset=0, policy_version=0)
    assert is_older(row, hold) is older
    assert is_older(None, hold)
