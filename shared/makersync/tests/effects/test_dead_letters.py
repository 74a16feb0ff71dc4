"""DESIGN, exactly-once effects, 6: unreadable records are set aside, superseded, and never dropped."""

from datetime import timedelta

import pytest
from sqlmodel import select

from makersync.effects.dead_letters import DISMISSED, forget_closed
from makersync.store.database import DatabaseAway
from makersync.store.tables import FenceRow

from .toy_services import JoinWork
from .toy_world import World, drain, work_off
from .toys import ANN, LEFT, LEFT_HALF, RIGHT, RIGHT_HALF, outgoing
from .unreadable import BOB, EVE, POISON, letters, operator_says, poison, statuses


@pytest.mark.parametrize("reason", POISON)
async def test_a_record_that_cannot_be_read_is_set_aside_with_its_reason_and_coordinates(world: World, reason: str) -> None:
    """Guards: each way in which a record can be unreadable has a name, and the following records are processed."""
    bad = poison(reason)
    world.write(outgoing(LEFT_HALF, BOB, 1), bad, outgoing(LEFT_HALF, EVE, 1))
    await work_off(world)
    [letter] = await letters(world)
    assert (letter.reason, letter.status, letter.consumer, letter.log_id) == (reason, "open", "pairs", "log-1")
    assert (letter.topic, letter.partition, letter.offset) == (LEFT.name, 0, 1)
    assert (letter.key, letter.payload, letter.seen_at) == (bad.key, bad.value, world.clock.now())
    assert await world.ledger() == [(LEFT_HALF, BOB, 1), (LEFT_HALF, EVE, 1)]


async def test_a_dead_letter_and_the_effects_of_its_batch_are_one_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: the dead letter is written in the transaction that moves the offset. A crash before the commit leaves neither."""

    async def fail(_work: JoinWork) -> None:
        raise DatabaseAway("simulated")

    monkeypatch.setattr(JoinWork, "before_write", staticmethod(fail))
    world.write(poison(), outgoing(LEFT_HALF, BOB, 1))
    loop = world.loop()
    with pytest.raises(DatabaseAway):
        await drain(loop)
    assert await letters(world) == []
    monkeypatch.undo()
    await drain(loop)
    assert (await statuses(world), await world.ledger()) == (["open"], [(LEFT_HALF, BOB, 1)])


async def test_an_unreadable_record_that_is_read_again_is_the_same_dead_letter(world: World) -> None:
    """Guards: coordinates are unique, and an operator's decision stays in force."""
    world.write(poison(), poison(key=BOB))
    await work_off(world)
    await operator_says(world, DISMISSED, 1)
    async with world.store.transaction() as session:
        for row in (await session.exec(select(FenceRow))).all():
            row.offsets = {}
            session.add(row)
    loop = world.loop()
    await drain(loop)
    assert await statuses(world) == ["open", "dismissed"]
    assert sum(loop.held[0]._open.values()) == 1


async def test_the_next_valid_event_of_the_key_supersedes_a_dead_letter(world: World) -> None:
    """Guards: events carry the whole state, so earlier records need no attention."""
    world.write(poison(), poison(key=BOB), poison(version=2))
    await work_off(world)
    world.write(outgoing(LEFT_HALF, ANN, 3))
    await work_off(world)
    assert await statuses(world) == ["superseded", "open", "superseded"]


async def test_an_event_supersedes_only_earlier_records_of_its_batch(world: World) -> None:
    world.write(poison(), outgoing(LEFT_HALF, ANN, 2), outgoing(LEFT_HALF, BOB, 1), poison(key=BOB, version=2))
    await work_off(world)
    assert await statuses(world) == ["superseded", "open"]


async def test_an_event_does_not_supersede_a_dead_letter_with_a_newer_version(world: World) -> None:
    """Guards: a stale copy after an unreadable newer state. The newer state is still missing."""
    world.write(outgoing(LEFT_HALF, ANN, 2), poison("breaks_contract", version=5), outgoing(LEFT_HALF, ANN, 4))
    await work_off(world)
    world.write(outgoing(LEFT_HALF, ANN, 3), outgoing(LEFT_HALF, ANN, 5))
    await work_off(world)
    assert await statuses(world) == ["open"]
    world.write(outgoing(LEFT_HALF, ANN, 6))
    await work_off(world)
    assert await statuses(world) == ["superseded"]


@pytest.mark.parametrize("apart", [True, False])
async def test_a_dead_letter_without_version_is_superseded_only_by_a_newer_event(world: World, apart: bool) -> None:
    """Guards: a stale or duplicate event proves nothing about the content of an unreadable record."""
    loop = world.loop()
    for record in (outgoing(LEFT_HALF, ANN, 4), poison(), outgoing(LEFT_HALF, ANN, 4), outgoing(LEFT_HALF, ANN, 3)):
        world.write(record)
        if apart:
            await drain(loop)
    await drain(loop)
    assert await statuses(world) == ["open"]
    world.write(outgoing(LEFT_HALF, ANN, 5))
    await drain(loop)
    assert await statuses(world) == ["superseded"]


async def test_a_valid_event_of_another_topic_supersedes_nothing(world: World) -> None:
    """Guards: the same key on another topic is another subject."""
    world.write(poison(), poison(side=RIGHT_HALF))
    await work_off(world)
    world.write(outgoing(RIGHT_HALF, ANN, 2))
    await work_off(world)
    assert [(row.topic, row.status) for row in await letters(world)] == [(LEFT.name, "open"), (RIGHT.name, "superseded")]


async def test_dead_letters_of_another_topic_partition_or_consumer_are_not_mixed_up(world: World) -> None:
    loop = world.loop(dead_letter_limit=2)
    world.write(poison(), poison(key=EVE), poison(side=RIGHT_HALF, key=EVE))
    await drain(loop)
    places = {(row.topic, row.partition) for row in await letters(world)}
    assert places == {(LEFT.name, 0), (LEFT.name, 1), (RIGHT.name, 1)}
    assert loop.standing_still == []


async def test_a_dead_letter_closed_long_ago_is_deleted_and_an_open_one_never(world: World) -> None:
    world.write(poison(), poison(key=BOB))
    await work_off(world)
    await operator_says(world, DISMISSED, 1)
    closed_at = world.clock.now()
    for before, left in ((closed_at, ["open", "dismissed"]), (closed_at + timedelta(days=900), ["open"])):
        async with world.store.transaction() as session:
            await forget_closed(session, before)
        assert await statuses(world) == left
