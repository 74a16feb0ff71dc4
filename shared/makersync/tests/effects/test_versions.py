"""DESIGN, exactly-once effects, 4: a duplicate or late event changes nothing."""

import pytest

from makersync.store.upserts import upsert

from .toy_stores import HalfRow
from .toy_world import World, drain
from .toys import ANN, LEFT_HALF, RIGHT_HALF, outgoing


async def test_duplicate_and_late_events_change_nothing(world: World) -> None:
    """Guards: readers compare versions. Version 3 is published twice, then versions 2 and 1 arrive late."""
    loop = world.loop()
    world.write(*[outgoing(LEFT_HALF, ANN, version, version) for version in (1, 2, 3, 3)])
    await drain(loop)
    world.write(outgoing(LEFT_HALF, ANN, 2, 2), outgoing(LEFT_HALF, ANN, 1, 1))
    await drain(loop)
    assert await world.pairs() == {ANN: (3, None)}
    assert await world.ledger() == [(LEFT_HALF, ANN, version) for version in (1, 2, 3)]
    assert await world.waiting() == [(ANN, 1)]


@pytest.mark.parametrize("restarted", [False, True], ids=["the same owner", "a new owner"])
async def test_a_late_event_does_not_revive_an_ended_subject(world: World, restarted: bool) -> None:
    """Guards: the version outlives its subject, in memory and in the database."""
    loop = world.loop()
    world.write(outgoing(LEFT_HALF, ANN, 1, 7), outgoing(RIGHT_HALF, ANN, 1, 8), outgoing(LEFT_HALF, ANN, 2, None))
    await drain(loop)
    if restarted:
        loop = world.loop("two")
    world.write(outgoing(LEFT_HALF, ANN, 1, 7), outgoing(LEFT_HALF, ANN, 2, None))
    await drain(loop)
    assert await world.pairs() == {ANN: (None, 8)}
    assert len(await world.ledger()) == 3


async def test_an_ended_subject_may_begin_again_with_a_newer_version(world: World) -> None:
    loop = world.loop()
    world.write(*[outgoing(LEFT_HALF, ANN, version, value) for version, value in ((1, 7), (2, None), (3, 9))])
    await drain(loop)
    assert await world.pairs() == {ANN: (9, None)}


async def test_an_older_row_does_not_replace_a_newer_one(world: World) -> None:
    """Guards: `upsert(newer_by=...)`, with which readers that keep no state in memory compare versions."""

    async def put(version: int, value: int) -> None:
        row = {"side": LEFT_HALF, "key": ANN, "number": 0, "version": version, "value": value}
        async with world.store.transaction() as session:
            await upsert(session, HalfRow, [row], ["side", "key"], newer_by="version")

    for version, value in ((1, 10), (3, 30), (2, 20), (3, 31)):
        await put(version, value)
    async with world.store.reading() as session:
        row = await session.get(HalfRow, (LEFT_HALF, ANN))
    assert row is not None and (row.version, row.value) == (3, 30)
