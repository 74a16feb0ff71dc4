"""`complete_to`: the moment that a leader proves from the offsets that the consumers of its service have stored."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import update

from makersync.broker.memory import MemoryBroker
from makersync.broker.port import BrokerAway, Outgoing
from makersync.clock import ManualClock
from makersync.feed.completeness import ASK_EVERY_S, ASK_IN_QUIET_S, LOOK_EVERY_S, Completeness, keep_progress
from makersync.feed.repository import FeedRepository
from makersync.feed.tables import FeedModel
from makersync.store.tables import DeadLetterRow
from shared.makersync.tests.effects.toy_stores import open_store
from shared.makersync.tests.effects.toy_world import World, drain, write_identity
from shared.makersync.tests.effects.toys import ANN, LEFT, LEFT_HALF, NOW, outgoing, pass_time


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'toy.sqlite'}")
    async with store.engine.begin() as connection:
        await connection.run_sync(FeedModel.metadata.create_all)
    clock = ManualClock(NOW)
    broker = MemoryBroker(clock)
    world = World(store, broker, clock)
    await write_identity(broker, world.log_id)
    yield world
    await store.close()


@pytest.fixture
def completeness(world: World) -> Completeness:
    return Completeness(world.store, world.clock, world.broker, [world.consumer()])


async def after(world: World, completeness: Completeness, seconds: float) -> datetime | None:
    pass_time(world.clock, seconds)
    return await completeness.reached()


async def test_a_moment_is_reached_once_what_was_published_before_it_is_consumed(
    world: World, completeness: Completeness
) -> None:
    loop = world.loop()
    await drain(loop)
    world.write(outgoing(LEFT_HALF, ANN, 1))
    asked_at = world.clock.now()
    assert await completeness.reached() is None
    world.write(outgoing(LEFT_HALF, ANN, 2))
    assert await after(world, completeness, 60) is None
    await drain(loop)
    assert await after(world, completeness, LOOK_EVERY_S) == asked_at
    seconds = 60 + LOOK_EVERY_S + ASK_EVERY_S
    assert await after(world, completeness, ASK_EVERY_S) == asked_at + timedelta(seconds=seconds)


async def test_the_broker_is_not_asked_again_and_again(world: World, completeness: Completeness) -> None:
    """Guards: in a market without events the question costs as little as possible."""
    loop = world.loop()
    await drain(loop)
    assert await completeness.reached() is not None
    assert await completeness.reached() is None
    assert await after(world, completeness, ASK_EVERY_S) is not None
    assert await after(world, completeness, ASK_EVERY_S) is None
    assert await after(world, completeness, ASK_IN_QUIET_S) is not None
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    assert await after(world, completeness, ASK_IN_QUIET_S) is not None
    assert await after(world, completeness, ASK_EVERY_S) is not None


async def test_no_moment_is_reached_while_a_record_is_set_aside_and_not_decided_about(
    world: World, completeness: Completeness
) -> None:
    loop = world.loop()
    await drain(loop)
    world.write(Outgoing(LEFT.name, 0, b"garbage", b"{"))
    await drain(loop)
    assert await completeness.reached() is None
    async with world.store.transaction() as session:
        await session.exec(update(DeadLetterRow).values(status="dismissed"))
    assert await after(world, completeness, LOOK_EVERY_S) == NOW


async def test_no_moment_is_reached_while_the_broker_is_away(world: World, completeness: Completeness) -> None:
    await drain(world.loop())
    world.broker.stop_answering()
    with pytest.raises(BrokerAway):
        await completeness.reached()
    world.broker.start_answering()
    assert await completeness.reached() == NOW


async def test_the_moment_that_is_shown_never_goes_back(world: World) -> None:
    for moment in (NOW, NOW + timedelta(seconds=5), NOW + timedelta(seconds=1)):
        await keep_progress(world.store, moment)
    async with world.store.reading() as session:
        assert (await FeedRepository(session, "anybody").head()).complete_to == NOW + timedelta(seconds=5)
