"""DESIGN, exactly-once effects, 3: one owner at a time; effects, events and offsets are committed together or not at all."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import text
from sqlmodel import select

from makersync.broker.port import Record
from makersync.effects.fence import Hold, Standing, advance, stored, take
from makersync.effects.held_partition import HeldPartition, PartitionSetup
from makersync.effects.log_identity import KnownLog
from makersync.effects.pace import Pace
from makersync.errors import Fenced
from makersync.store.database import DatabaseAway
from makersync.store.tables import FenceRow
from tests.servers.waiting import wait_for

from .toy_services import JoinWork
from .toy_stores import dump, restore
from .toy_world import World, drain
from .toys import ANN, LEFT, LEFT_HALF, PARTITIONS, RIGHT, RIGHT_HALF, outgoing, pass_time

TOLERANCE = Pace().tolerance


async def held(world: World, name: str) -> HeldPartition:
    owner = world.owner(name)
    setup = PartitionSetup(world.consumer(), owner, KnownLog(world.log_id, PARTITIONS), TOLERANCE)
    return await HeldPartition.take(setup, 0, {})


def record(side: str, version: int, offset: int, value: int | None = 1) -> Record:
    out = outgoing(side, ANN, version, value)
    return Record(out.topic, out.partition, offset, out.key, out.value, 0)


async def offsets(world: World) -> dict[str, int]:
    async with world.store.reading() as session:
        rows = await stored(session, "pairs")
    return dict(rows[0].offsets) if rows else {}


async def test_effects_events_and_offsets_move_together(world: World) -> None:
    """Guards: a batch is one commit, whatever is in it."""
    owner, commits = await held(world, "one"), list[str]()
    world.store.after_commit(lambda: commits.append("commit"))
    await owner.process([record(LEFT_HALF, 1, 0, 7)])
    assert len(commits) == 1
    assert await offsets(world) == {LEFT.name: 1}
    assert await world.pairs() == {ANN: (7, None)}
    assert await world.waiting() == [(ANN, 1)]


async def test_a_zombies_transaction_fails_completely(world: World) -> None:
    """Guards: `advance` requires the epoch. Without it both owners' effects would be kept, and offsets would go back and
    forth."""
    zombie = await held(world, "one")
    await zombie.process([record(LEFT_HALF, 1, 0, 7)])
    successor = await held(world, "two")
    with pytest.raises(Fenced):
        await zombie.process([record(LEFT_HALF, 2, 1, 8)])
    assert await world.ledger() == [(LEFT_HALF, ANN, 1)]
    assert (await world.pairs(), await offsets(world)) == ({ANN: (7, None)}, {LEFT.name: 1})
    assert await world.waiting() == [(ANN, 1)]
    await successor.process([record(LEFT_HALF, 2, 1, 8)])
    assert await world.pairs() == {ANN: (8, None)}


async def test_a_zombie_that_reads_another_topic_of_the_join_fails_too(world: World) -> None:
    """Guards: one row for all input topics. With an epoch or offset per topic both owners would commit, each joining its half
    with an outdated state of the other half, and the pair would never be complete."""
    zombie = await held(world, "one")
    successor = await held(world, "two")
    await successor.process([record(RIGHT_HALF, 1, 0, 2)])
    with pytest.raises(Fenced):
        await zombie.process([record(LEFT_HALF, 1, 0, 1)])
    assert await offsets(world) == {RIGHT.name: 1}
    await successor.process([record(LEFT_HALF, 1, 0, 1)])
    assert await world.pairs() == {ANN: (1, 2)}


async def test_the_epoch_is_raised_before_the_state_is_loaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the order in `HeldPartition.take`. In the reverse order, commits by the earlier owner in between would be missing
    from the state that the new owner has loaded."""
    earlier = await held(world, "one")
    fenced: list[Exception] = []
    load = JoinWork.load

    async def load_while_the_earlier_owner_works(work: JoinWork, session: object, hold: Hold) -> None:
        await load(work, session, hold)  # type: ignore[arg-type]
        try:
            await earlier.process([record(LEFT_HALF, 1, 0)])
        except Fenced as error:
            fenced.append(error)

    monkeypatch.setattr(JoinWork, "load", load_while_the_earlier_owner_works)
    await held(world, "two")
    assert len(fenced) == 1


async def test_a_transaction_that_fails_moves_no_offset(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: offsets are written only in the transaction of the effects."""

    class Bug(Exception):
        pass

    async def fail(_work: JoinWork) -> None:
        raise Bug

    owner = await held(world, "one")
    monkeypatch.setattr(JoinWork, "before_write", staticmethod(fail))
    with pytest.raises(Bug):
        await owner.process([record(LEFT_HALF, 1, 0)])
    assert (await offsets(world), await world.ledger(), await world.waiting()) == ({}, [], [])


@pytest.mark.cluster
async def test_the_fence_row_is_locked_before_the_effects_are_written(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: `advance` comes first in the transaction. A successor then waits for its end instead of loading a state that is
    about to change."""
    world, taken = postgres_world, asyncio.Event()
    owner = await held(world, "one")
    successors: list[asyncio.Task[HeldPartition]] = []

    async def successor_comes(_work: JoinWork) -> None:
        if not successors:
            successors.append(asyncio.create_task(held(world, "two")))
            await wait_for(lambda: _waits_for_a_lock(world))
            assert not taken.is_set()

    monkeypatch.setattr(JoinWork, "before_write", staticmethod(successor_comes))
    await owner.process([record(LEFT_HALF, 1, 0, 7)])
    successor = await successors[0]
    assert successor.hold.offsets == {LEFT.name: 1}
    await successor.process([record(RIGHT_HALF, 1, 0, 8)])
    assert await world.pairs() == {ANN: (7, 8)}


@pytest.mark.cluster
async def test_a_paused_owner_cannot_block_its_successor(postgres_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: idle_in_transaction_session_timeout. The owner pauses inside its transaction with the row locked; without the
    timeout the successor would wait as long as the pause lasts."""
    world, woken = postgres_world, asyncio.Event()
    owner = await held(world, "one")

    async def stall(_work: JoinWork) -> None:
        await woken.wait()

    monkeypatch.setattr(JoinWork, "before_write", staticmethod(stall))
    working = asyncio.create_task(owner.process([record(LEFT_HALF, 1, 0, 7)]))
    await wait_for(lambda: _idle_in_transaction(world))
    async with asyncio.timeout(20):
        successor = await held(world, "two")
    monkeypatch.undo()
    await successor.process([record(LEFT_HALF, 1, 0, 8)])
    woken.set()
    with pytest.raises((DatabaseAway, Fenced)):
        await working
    assert await world.ledger() == [(LEFT_HALF, ANN, 1)]
    assert await world.pairs() == {ANN: (8, None)}


async def _idle_in_transaction(world: World) -> bool:
    return await _activity(world, "state = 'idle in transaction'")


async def _waits_for_a_lock(world: World) -> bool:
    return await _activity(world, "wait_event_type = 'Lock'")


async def _activity(world: World, condition: str) -> bool:
    query = text(f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {condition}")
    async with world.store.engine.connect() as connection:
        return bool((await connection.execute(query)).scalar())


async def test_the_standing_is_stored_with_the_offsets_and_passed_to_the_next_owner(world: World) -> None:
    """Guards: catalog offset, day and policy version are in the row, so that a new owner knows what its state was built
    with."""
    standing = Standing(catalog_offset=12, day=date(2026, 3, 2), policy_version=3)
    owner = await held(world, "one")
    world.works[-1].standing = standing
    await owner.process([record(LEFT_HALF, 1, 0)])
    assert owner.hold.standing == standing
    successor = await held(world, "two")
    assert successor.hold.standing == standing
    assert world.works[-1].loaded_from == successor.hold


async def test_a_partition_with_an_outdated_standing_works_without_any_event(world: World) -> None:
    """Guards: `due`. A new day or a new catalog causes work, which is stored like any other."""
    loop = world.loop()
    await drain(loop)
    assert not any(work.batches for work in world.works)
    world.works[2].standing = Standing(day=date(2026, 3, 3))
    await drain(loop)
    assert [work.batches for work in world.works] == [[], [], [0], []]
    async with world.store.reading() as session:
        days = {row.partition: row.day for row in (await session.exec(select(FenceRow))).all()}
    assert days == {0: None, 1: None, 2: date(2026, 3, 3), 3: None}
    await loop._member.close()  # type: ignore[union-attr]


async def test_each_take_raises_the_epoch(world: World) -> None:
    epochs = [(await held(world, name)).hold.epoch for name in ("one", "two", "one")]
    assert epochs == [1, 2, 3]


async def test_an_owner_moves_only_its_own_row(world: World) -> None:
    async with world.store.transaction() as session:
        holds = [await take(session, consumer, number, "one") for consumer in ("pairs", "others") for number in (0, 1)]
        await advance(session, holds[0], {LEFT.name: 5}, Standing())
    async with world.store.reading() as session:
        rows = {(row.consumer, row.partition): row.offsets for row in (await session.exec(select(FenceRow))).all()}
    assert rows == {("pairs", 0): {LEFT.name: 5}, ("pairs", 1): {}, ("others", 0): {}, ("others", 1): {}}


async def test_two_members_that_both_claim_a_partition_do_not_take_turns(world: World) -> None:
    """Guards: a fenced owner waits. If it took the partition again at once, the two would raise the epoch in turn forever, and
    load the state each time."""
    first, second = world.loop("one"), world.loop("two")
    await drain(first)
    zombie = first._member
    world.broker.expel(zombie)  # type: ignore[arg-type]
    await drain(second)
    epochs = {number: part.hold.epoch for number, part in second.held.items()}
    for version in range(1, 6):
        world.write(outgoing(LEFT_HALF, ANN, version, version))
        for loop in (first, second, first, second):
            await loop.round()
    assert {number: part.hold.epoch for number, part in second.held.items()} == epochs
    assert await world.ledger() == [(LEFT_HALF, ANN, version) for version in range(1, 6)]
    assert 0 not in first.held


async def test_a_fenced_owner_takes_the_partition_as_soon_as_it_hears_of_a_rebalance(world: World) -> None:
    """Guards: the wait is for owners that heard of no rebalance. It must not delay an owner that was assigned the partition
    again."""
    first, second = world.loop("one"), world.loop("two")
    await drain(first)
    world.broker.expel(first._member)  # type: ignore[arg-type]
    await drain(second)
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await first.round()
    assert 0 not in first.held
    await second._member.close()  # type: ignore[union-attr]
    world.broker.readmit(first._member)  # type: ignore[arg-type]
    await drain(first)
    assert sorted(first.held) == [0, 1, 2, 3]
    assert await world.ledger() == [(LEFT_HALF, ANN, 1)]


async def test_a_fenced_owner_that_hears_of_no_rebalance_tries_again_eventually(world: World) -> None:
    """Guards: the process that raised the epoch may be gone, and no other may come."""
    loop = world.loop("one")
    await drain(loop)
    await held(world, "gone")
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    assert (await world.ledger(), 0 in loop.held) == ([], False)
    pass_time(world.clock, 6.0)
    await drain(loop)
    assert await world.ledger() == [(LEFT_HALF, ANN, 1)]


@pytest.mark.parametrize("goes_on", [True, False], ids=["while records come", "while none come"])
async def test_after_a_restore_the_owner_continues_at_the_restored_offsets(world: World, goes_on: bool) -> None:
    """Guards: the epoch is unchanged, and records after the backup would never be read again."""
    loop = world.loop(fenced_wait_s=0.0)
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    backup = await dump(world.store)
    world.write(outgoing(LEFT_HALF, ANN, 2))
    await drain(loop)
    await restore(world.store, backup)
    if goes_on:
        world.write(outgoing(LEFT_HALF, ANN, 3))
    await drain(loop, rounds=6)
    assert await world.ledger() == [(LEFT_HALF, ANN, version) for version in range(1, 4 if goes_on else 3)]
