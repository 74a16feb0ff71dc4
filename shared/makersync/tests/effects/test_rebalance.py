"""DESIGN, exactly-once effects, 5: members only record a rebalance; the loop seeks to the fence's offsets and verifies."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.memory_clients import MemoryMember
from makersync.broker.port import BrokerAway, OffsetUnknown, Progress, Record, TopicPartition
from makersync.effects.consumer import ConsumerLoop, by_number
from makersync.effects.fence import Hold
from makersync.effects.halts import halts
from makersync.effects.log_identity import KnownLog
from makersync.effects.pace import Pace
from makersync.errors import LogReplaced
from makersync.store.database import DatabaseAway
from tests.servers.waiting import wait_until

from .toy_services import READERS, JoinWork
from .toy_world import World, drain, work_off, write_identity
from .toys import LEFT, LEFT_HALF, PARTITIONS, REGIONS, RIGHT_HALF, at, outgoing

KEYS = [f"{region}/ann" for region in REGIONS]
ANN = KEYS[0]


def member_of(loop: ConsumerLoop) -> MemoryMember:
    assert isinstance(loop._member, MemoryMember)
    return loop._member


async def test_an_owner_continues_at_the_fences_offset_whatever_the_broker_has_stored(world: World) -> None:
    """Guards: `seek` uses the fence's offsets. The broker's stored offsets are made wrong in both directions, too low and too
    high."""
    for wrong, versions in ((8, range(1, 6)), (0, range(6, 9))):
        world.broker.note("pairs", {at(LEFT_HALF, number): Progress(wrong) for number in range(4)})
        world.write(*[outgoing(LEFT_HALF, ANN, version) for version in versions])
        await work_off(world)
    assert await world.ledger() == [(LEFT_HALF, ANN, version) for version in range(1, 9)]
    assert sum(sum(work.batches) for work in world.works) == 8


async def test_progress_is_reported_for_lag_displays(sqlite_world: World) -> None:
    sqlite_world.write(outgoing(LEFT_HALF, ANN, 1), outgoing(LEFT_HALF, ANN, 2))
    await drain(sqlite_world.loop())
    noted = await sqlite_world.broker.progress("pairs")
    assert {place: note.offset for place, note in noted.items()} == {at(LEFT_HALF, 0): 2}


async def test_a_topic_that_was_never_read_is_read_from_its_first_record(world: World) -> None:
    world.write(*[outgoing(LEFT_HALF, ANN, version) for version in range(1, 6)])
    world.broker.drop_before(at(LEFT_HALF, 0), 3)
    await work_off(world)
    assert await world.ledger() == [(LEFT_HALF, ANN, 4), (LEFT_HALF, ANN, 5)]


def reading(world: World, *topics: str) -> ConsumerLoop:
    """A member of the group of a release that reads these topics alone."""
    consumer = replace(world.consumer(), readers={name: READERS[name] for name in topics})
    quick = Pace(fetch_wait_s=0.0, replay_poll_s=0.0)
    return ConsumerLoop(consumer, world.broker, world.owner(), KnownLog(world.log_id, PARTITIONS), quick)


async def test_a_group_that_gets_a_further_topic_reads_it_from_its_first_record(world: World) -> None:
    """Guards: an upgrade, and a way back from it. The fence has no offset of the new topic, and later one that the earlier
    release does not ask for."""
    world.write(*[outgoing(half, ANN, version) for half in (LEFT_HALF, RIGHT_HALF) for version in (1, 2)])
    earlier = reading(world, LEFT.name)
    await drain(earlier)
    assert await world.ledger() == [(LEFT_HALF, ANN, 1), (LEFT_HALF, ANN, 2)]
    await member_of(earlier).close()
    later = reading(world, *READERS)
    await drain(later)
    assert (await world.ledger())[2:] == [(RIGHT_HALF, ANN, 1), (RIGHT_HALF, ANN, 2)]
    await member_of(later).close()
    world.write(outgoing(LEFT_HALF, ANN, 3), outgoing(RIGHT_HALF, ANN, 3))
    back = reading(world, LEFT.name)
    await drain(back)
    assert (await world.ledger())[4:] == [(LEFT_HALF, ANN, 3)]
    await member_of(back).close()
    await drain(reading(world, *READERS))
    assert (await world.ledger())[5:] == [(RIGHT_HALF, ANN, 3)]


async def test_partitions_that_were_lost_and_assigned_again_are_reloaded(world: World) -> None:
    """Guards: the loop verifies what it kept. Its member saw only the last of two rebalances; another owner worked in
    between."""
    first, second = world.loop("one"), world.loop("two")
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(first)
    world.broker.expel(member_of(first))
    world.write(outgoing(LEFT_HALF, ANN, 2))
    await drain(second)
    await member_of(second).close()
    world.broker.readmit(member_of(first))
    world.write(outgoing(RIGHT_HALF, ANN, 1))
    await first.round()
    assert first.held[0].hold.epoch == 3
    await drain(first)
    assert await world.ledger() == [(LEFT_HALF, ANN, 1), (LEFT_HALF, ANN, 2), (RIGHT_HALF, ANN, 1)]


async def test_partitions_that_no_other_owner_took_are_kept_through_a_rebalance(world: World) -> None:
    """Guards: a rebalance elsewhere must not cause a market to be loaded again."""
    loop = world.loop("one")
    await drain(loop)
    parts = dict(loop.held)
    world.broker.readmit(member_of(loop))
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    assert dict(loop.held) == parts
    assert await world.ledger() == [(LEFT_HALF, ANN, 1)]


async def test_a_partition_that_is_assigned_to_another_member_is_dropped(world: World) -> None:
    first = world.loop("one")
    await drain(first)
    second = world.loop("two")
    await second.round()
    await drain(first)
    await drain(second)
    assert (sorted(first.held), sorted(second.held)) == ([0, 1], [2, 3])


async def test_records_fetched_with_a_failed_batch_are_fetched_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: positions are reset after a failure. The database is away for one partition's batch; the other partitions'
    records of the same fetch were skipped, and would never have been read again."""
    loop = world.loop()
    await drain(loop)
    world.write(*[outgoing(LEFT_HALF, key, 1) for key in KEYS])
    failures = [DatabaseAway("gone for a moment")]

    async def fail_once(_work: JoinWork) -> None:
        if failures:
            raise failures.pop()

    monkeypatch.setattr(JoinWork, "before_write", staticmethod(fail_once))
    with pytest.raises(DatabaseAway):
        await loop.round()
    world.write(*[outgoing(LEFT_HALF, key, 2) for key in KEYS])
    await drain(loop)
    assert sorted(await world.ledger()) == sorted((LEFT_HALF, key, version) for key in KEYS for version in (1, 2))


async def test_a_failed_seek_is_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the broker may go away during a rebalance. A partition that is held but was never sought reads nothing."""
    loop = world.loop()
    await drain(loop)
    seek, failures = MemoryMember.seek, [BrokerAway("gone for a moment")]

    async def fail_once(member: MemoryMember, partition: TopicPartition, offset: int) -> None:
        if failures:
            raise failures.pop()
        await seek(member, partition, offset)

    monkeypatch.setattr(MemoryMember, "seek", fail_once)
    world.broker.readmit(member_of(loop))
    world.write(*[outgoing(LEFT_HALF, key, 1) for key in KEYS])
    with pytest.raises(BrokerAway):
        await loop.round()
    await drain(loop)
    assert len(await world.ledger()) == len(KEYS)


async def test_a_state_that_cannot_be_loaded_halts_its_partition_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: damage to one market does not affect the others."""
    load = JoinWork.load

    async def fail_for_one(work: JoinWork, session: AsyncSession, hold: Hold) -> None:
        if hold.partition == 1:
            raise KeyError("a row that should be there")
        await load(work, session, hold)

    monkeypatch.setattr(JoinWork, "load", fail_for_one)
    world.write(*[outgoing(LEFT_HALF, key, 1) for key in KEYS])
    loop = world.loop()
    await drain(loop)
    assert sorted(await world.ledger()) == sorted((LEFT_HALF, key, 1) for key in KEYS if key != KEYS[1])
    assert loop.halted == {1: "KeyError while processing; see the log, then `makersync resume`"}


async def test_a_halt_that_cannot_be_stored_does_not_take_effect(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: `makersync resume` finds halts in the database; one that is not stored could never be resumed."""

    async def fail(*_: object) -> None:
        raise KeyError("a row that should be there")

    async def away(*_: object) -> None:
        raise DatabaseAway("gone for a moment")

    loop = world.loop()
    monkeypatch.setattr(JoinWork, "load", fail)
    with monkeypatch.context() as without, pytest.raises(DatabaseAway):
        without.setattr("makersync.effects.held_partitions.record_halt", away)
        await drain(loop)
    assert loop.halted == {}
    await drain(loop)
    async with world.store.reading() as session:
        assert [halt.partition for halt in await halts(session)] == sorted(loop.halted) == list(range(PARTITIONS))


async def test_a_batch_that_fails_halts_its_partition_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail_for_one(work: JoinWork) -> None:
        if work.number == 1:
            raise ZeroDivisionError

    monkeypatch.setattr(JoinWork, "before_write", staticmethod(fail_for_one))
    world.write(*[outgoing(LEFT_HALF, key, 1) for key in KEYS])
    loop = world.loop()
    await drain(loop)
    assert sorted(await world.ledger()) == sorted((LEFT_HALF, key, 1) for key in KEYS if key != KEYS[1])
    assert (sorted(loop.held), loop.standing_still) == ([0, 1, 2, 3], [])


async def test_batches_have_a_largest_size(world: World) -> None:
    """Guards: the size of one transaction and one evaluation (point 9)."""
    world.write(*[outgoing(LEFT_HALF, ANN, version) for version in range(1, 26)])
    await work_off(world, batch_records=10)
    assert [size for work in world.works for size in work.batches] == [10, 10, 5]


async def test_batches_grow_while_more_records_wait_than_fit_one(world: World) -> None:
    """Guards: a loop that catches up writes net differences, and responds quickly again once it has caught up."""
    world.write(*[outgoing(LEFT_HALF, ANN, version) for version in range(1, 96)])
    loop = world.loop(batch_records=10, catch_up_records=35)
    await drain(loop)
    assert [size for work in world.works for size in work.batches] == [10, 20, 35, 30]
    world.write(*[outgoing(LEFT_HALF, ANN, version) for version in range(96, 108)])
    await drain(loop)
    assert [size for work in world.works for size in work.batches][4:] == [10, 2]


async def test_a_loop_waits_while_the_broker_is_away_and_says_so(world: World) -> None:
    loop, stop = world.loop(fetch_wait_s=0.01, retry_s=0.01), asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    await wait_until(lambda: len(loop.held) == 4)
    world.broker.stop_answering()
    await wait_until(lambda: loop.away is not None)
    rounds = loop.rounds
    await wait_until(lambda: loop.rounds > rounds + 2)
    world.broker.start_answering()
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await wait_until(lambda: loop.processed == 1)
    assert loop.away is None
    stop.set()
    await running
    assert world.broker._groups["pairs"] == []


async def test_a_log_that_is_truncated_while_it_is_read_ends_the_loop(world: World) -> None:
    """Guards: point 7 while running. A reader that continued would skip events, or read others at the same offsets."""
    world.write(*[outgoing(LEFT_HALF, ANN, version) for version in range(1, 6)])
    loop = world.loop()
    await drain(loop)
    world.broker.drop_from(at(LEFT_HALF, 0), 2)
    with pytest.raises(LogReplaced):
        await loop.run(asyncio.Event())


async def test_a_log_that_was_replaced_while_it_is_read_ends_the_loop(world: World) -> None:
    world.write(outgoing(LEFT_HALF, ANN, 1))
    loop = world.loop()
    await drain(loop)
    world.broker.replace()
    await write_identity(world.broker, "log-2")
    with pytest.raises(LogReplaced):
        await loop.run(asyncio.Event())


async def test_a_consumer_waits_until_its_predecessor_has_read_everything(world: World) -> None:
    """Guards: `after`. A market that starts before the whole catalog was read proposes and withdraws needlessly."""
    world.write(outgoing(LEFT_HALF, ANN, 1), outgoing(LEFT_HALF, KEYS[3], 1))
    first = world.loop(batch_records=1)
    later = replace(world.consumer("later"), after=first._consumer)
    loop = ConsumerLoop(later, world.broker, world.owner(), KnownLog(world.log_id, PARTITIONS), first._pace)
    await loop.round()
    await first.round()
    await loop.round()
    assert (first.processed, dict(loop.held)) == (1, {})
    await drain(first)
    await loop.round()
    assert sorted(loop.held) == [0, 1, 2, 3]


def test_records_of_one_partition_number_are_a_batch_topic_by_topic() -> None:
    def records(side: str, number: int, count: int) -> Mapping[TopicPartition, Sequence[Record]]:
        place = at(side, number)
        return {place: [Record(place.topic, number, offset, None, None, 0) for offset in range(count)]}

    fetched: dict[TopicPartition, Any] = {**records(RIGHT_HALF, 0, 1), **records(LEFT_HALF, 0, 2), **records(LEFT_HALF, 1, 0)}
    assert [(r.topic, r.offset) for r in by_number(fetched)[0]] == [(LEFT.name, 0), (LEFT.name, 1), ("halves.right.v1", 0)]
    assert list(by_number(fetched)) == [0]


def test_an_unknown_offset_is_not_a_temporary_fault() -> None:
    """Guards: retried forever, it would look like a broker that is away."""
    assert not issubclass(OffsetUnknown, BrokerAway)
