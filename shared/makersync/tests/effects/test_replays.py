"""DESIGN, exactly-once effects, 6: a dead letter is replayed as the original event, at an operator's request."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs
from sqlmodel import col, select

from makersync.effects.dead_letters import DISMISSED, REQUESTED
from makersync.envelope import Envelope, decode, encode
from makersync.store.tables import AuditRow, OutboxRow

from .toy_services import JoinWork
from .toy_world import World, drain
from .toys import ANN, LEFT, LEFT_HALF, PAIR, RIGHT_HALF, envelope, outgoing
from .unreadable import BOB, letters, now_understood, operator_says, poison, statuses


async def test_a_dismissal_during_a_replay_is_kept(world: World) -> None:
    """Guards: a failed replay reopened a dead letter that an operator had just dismissed."""
    world.write(poison())
    loop = world.loop()
    await drain(loop)
    await operator_says(world, REQUESTED)
    [under_way] = await loop.held[0].requested()
    await operator_says(world, DISMISSED)
    assert not await loop.held[0].replay(under_way)
    assert await statuses(world) == [DISMISSED]


async def test_dead_letters_of_a_halted_partition_can_be_replayed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: even of a partition number that could not be loaded. The replayed event may be what it needs."""
    loop = world.loop()
    world.write(poison("unknown_type"))
    await drain(loop)
    now_understood(loop)
    loop.halted[0] = "by hand"
    del loop._partitions.held[0]
    await operator_says(world, REQUESTED)
    await drain(loop)
    assert (await statuses(world), list(loop.halted)) == (["replayed"], [0])


async def test_a_replay_keeps_the_events_id_and_version_and_is_audited(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the replayed event is the original one, and the operator who requested it is recorded."""
    met: list[Envelope] = []
    prepare = JoinWork.prepare

    async def look(work: JoinWork, batch: Any, behind: int = 0) -> Any:
        met.extend(received.event for received in batch)
        return await prepare(work, batch, behind)

    monkeypatch.setattr(JoinWork, "prepare", look)
    loop, event = world.loop(), structs.replace(envelope(LEFT_HALF, ANN, 4), type="halves.HalfDoubled")
    world.write(replace(outgoing(LEFT_HALF, ANN, 4), value=encode(event)))
    await drain(loop)
    now_understood(loop)
    await operator_says(world, REQUESTED)
    await drain(loop)
    assert [(each.id, each.version) for each in met] == [(event.id, 4)]
    assert await world.ledger() == [(LEFT_HALF, ANN, 4)]
    [letter] = await letters(world)
    assert (letter.status, letter.resolved_by, letter.resolved_at) == ("replayed", "olga", world.clock.now())
    async with world.store.reading() as session:
        [line] = (await session.exec(select(AuditRow))).all()
    assert (line.actor, line.action, line.subject) == ("olga", "dead_letter.requested", str(letter.id))
    assert line.detail == {"consumer": "pairs", "topic": LEFT.name, "partition": 0, "offset": 0}


async def test_events_that_follow_from_a_replay_carry_no_origin_time(world: World) -> None:
    """Guards: otherwise the hours until an operator acted would count as latency."""
    loop, event = world.loop(), structs.replace(envelope(LEFT_HALF, ANN, 4), type="halves.HalfDoubled")
    world.write(outgoing(RIGHT_HALF, ANN, 1), replace(outgoing(LEFT_HALF, ANN, 4), value=encode(event)))
    await drain(loop)
    now_understood(loop)
    await operator_says(world, REQUESTED)
    await drain(loop)
    async with world.store.reading() as session:
        rows = (await session.exec(select(OutboxRow).where(OutboxRow.topic == PAIR.name).order_by(col(OutboxRow.id)))).all()
    came, replayed = (decode(row.payload) for row in rows)
    assert (came.origintime is None, replayed.origintime, replayed.causationid) == (False, None, event.id)


async def test_a_replay_of_a_record_that_is_still_unreadable_leaves_it_open(world: World) -> None:
    loop = world.loop()
    world.write(poison("unknown_type"))
    await drain(loop)
    await operator_says(world, REQUESTED)
    await drain(loop)
    [letter] = await letters(world)
    assert (letter.status, letter.reason, letter.resolved_by, letter.resolved_at) == ("open", "unknown_type", None, None)
    assert await world.ledger() == []


async def test_a_replay_of_an_older_version_changes_nothing(world: World) -> None:
    """Guards: versions decide, not the time of reading. The key has changed while the operator decided."""
    loop = world.loop()
    world.write(poison("unknown_type"), outgoing(LEFT_HALF, BOB, 1))
    await drain(loop)
    now_understood(loop)
    await operator_says(world, REQUESTED)
    world.write(outgoing(LEFT_HALF, ANN, 2, 22))
    await drain(loop)
    assert await world.pairs() == {ANN: (22, None), BOB: (1, None)}
    assert await world.ledger() == [(LEFT_HALF, BOB, 1), (LEFT_HALF, ANN, 2)]
    assert await statuses(world) == ["replayed"]


async def test_a_replay_by_a_fenced_owner_fails_completely(world: World) -> None:
    """Guards: a replay is fenced like any batch."""
    first, second = world.loop("one"), world.loop("two")
    world.write(poison("unknown_type"))
    await drain(first)
    now_understood(first)
    world.broker.expel(first._member)  # type: ignore[arg-type]
    await drain(second)
    await operator_says(world, REQUESTED)
    await first.round()
    assert (await statuses(world), await world.ledger(), 0 in first.held) == (["requested"], [], False)
