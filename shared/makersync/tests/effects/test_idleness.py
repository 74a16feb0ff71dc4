"""A member without work reports it while records wait, and does not wait forever for a group that assigns nothing."""

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from makersync.broker.port import BrokerAway
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.consumer_port import Consumer
from makersync.effects.idleness import LOOK_EVERY_S
from makersync.effects.log_identity import KnownLog

from .toy_services import READERS, JoinWork
from .toy_world import World, drain
from .toys import ANN, LEFT, LEFT_HALF, PARTITIONS, outgoing, pass_time, toy_outbox

REJOIN_S = 45.0


async def spend(world: World, loops: Sequence[ConsumerLoop], seconds: float) -> None:
    """Lets time pass while every loop runs its rounds."""
    for _ in range(round(seconds / LOOK_EVERY_S)):
        pass_time(world.clock, LOOK_EVERY_S)
        for loop in loops:
            await loop.round()


async def leaderless(world: World) -> list[ConsumerLoop]:
    """Two members of a group that assigns nothing, just before their first look."""
    loops = [world.loop(name, rejoin_s=REJOIN_S) for name in ("one", "two")]
    for loop in loops:
        await loop.round()
    world.broker.lose_leader("pairs")
    await spend(world, loops, LOOK_EVERY_S)
    return loops


def members(loops: Sequence[ConsumerLoop]) -> list[object]:
    return [loop._member for loop in loops]


async def test_a_member_without_work_says_for_how_long_and_why(sqlite_world: World) -> None:
    """Guards: waiting forever while readiness is green."""
    world = sqlite_world
    first = Consumer("pairs", READERS, lambda number: JoinWork(number, toy_outbox("pairs", world.clock)))
    second = Consumer("later", READERS, lambda number: JoinWork(number, toy_outbox("pairs", world.clock)), after=first)
    template = world.loop()
    loop = ConsumerLoop(second, world.broker, template._owner, KnownLog(world.log_id, PARTITIONS), template._pace)
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    pass_time(world.clock, 40)
    assert loop.holds_nothing() == (40, f"waits for pairs, which has read {LEFT.name} partition 0 up to 0 of 1")
    await drain(template)
    await drain(loop)
    assert (loop.holds_nothing(), len(loop.held)) == (None, PARTITIONS)


async def test_members_of_a_group_without_assignment_name_the_partitions_where_records_wait(world: World) -> None:
    """Guards: readiness was green for minutes while no member had an assignment."""
    loops = await leaderless(world)
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await spend(world, loops, LOOK_EVERY_S + 40)
    told = (40, "its group assigns it none, and nobody takes the records that wait in 0")
    assert [loop.holds_nothing() for loop in loops] == [told, told]


async def test_members_of_a_group_without_assignment_report_nothing_while_no_record_waits(sqlite_world: World) -> None:
    loops = await leaderless(sqlite_world)
    joined = members(loops)
    await spend(sqlite_world, loops, 3 * REJOIN_S)
    assert ([loop.holds_nothing() for loop in loops], members(loops)) == ([None, None], joined)


async def test_a_member_that_waits_while_others_work_is_not_counted_as_idle(sqlite_world: World) -> None:
    """Guards: a slow rebalance elsewhere is no reason to start another one."""
    world = sqlite_world
    works = world.loop("one", batch_records=1)
    await works.round()
    assert works._member is not None
    world.broker.expel(works._member)  # type: ignore[arg-type]
    waits = world.loop("two", rejoin_s=REJOIN_S)
    await waits.round()
    world.broker.lose_leader("pairs")
    joined = waits._member
    world.write(outgoing(LEFT_HALF, ANN, 1))
    for version in range(2, 40):
        world.write(outgoing(LEFT_HALF, ANN, version))
        await spend(world, [works, waits], LOOK_EVERY_S)
        assert (waits.holds_nothing() or (0.0, ""))[0] == 0.0
    assert waits._member is joined


async def test_a_surplus_member_makes_no_requests_and_reports_nothing_although_records_wait(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: a surplus member is healthy, however slow the members with partitions are."""
    world = sqlite_world
    loops = [world.loop(str(number), rejoin_s=REJOIN_S) for number in range(PARTITIONS + 1)]
    for loop in loops:
        await loop.round()
    await loops[-1].round()
    spare, joined = loops[-1], loops[-1]._member
    world.write(outgoing(LEFT_HALF, ANN, 1))
    monkeypatch.setattr(world.broker, "bounds", None)
    await spend(world, [spare], 3 * REJOIN_S)
    assert (dict(spare.held), spare.holds_nothing(), spare._member) == ({}, None, joined)


async def test_after_one_waiting_member_rejoins_both_work(world: World) -> None:
    """Guards: the observed group waited until a person restarted one of its members."""
    loops = await leaderless(world)
    joined = members(loops)
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await spend(world, loops, LOOK_EVERY_S + REJOIN_S)
    assert members(loops) == joined
    with capture_logs() as lines:
        await spend(world, loops, REJOIN_S + LOOK_EVERY_S)
    told = [line for line in lines if line["event"] == "group_rejoining"]
    assert [(line["consumer"], line["untaken"]) for line in told] == [("pairs", [0])]
    assert len(set(members(loops)) - set(joined)) == 1
    assert sorted(number for loop in loops for number in loop.held) == [0, 1, 2, 3]
    assert ([loop.holds_nothing() for loop in loops], await world.ledger()) == ([None, None], [(LEFT_HALF, ANN, 1)])


async def test_time_without_a_broker_does_not_count_as_idle(sqlite_world: World) -> None:
    loops = await leaderless(sqlite_world)
    sqlite_world.write(outgoing(LEFT_HALF, ANN, 1))
    await spend(sqlite_world, loops, LOOK_EVERY_S)
    sqlite_world.broker.stop_answering()
    for loop in loops:
        pass_time(sqlite_world.clock, LOOK_EVERY_S)
        with pytest.raises(BrokerAway):
            await loop.round()
    pass_time(sqlite_world.clock, 3 * REJOIN_S)
    sqlite_world.broker.start_answering()
    await spend(sqlite_world, loops, LOOK_EVERY_S)
    assert [(loop.holds_nothing() or (-1.0, ""))[0] for loop in loops] == [0.0, 0.0]
