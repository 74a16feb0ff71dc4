"""A lost database comes back from the topics, and says nothing that was said before."""

from pathlib import Path

import pytest
from service_world import CREDENTIALS, World, award, open_world
from sqlmodel import select

from makersync.broker.port import Outgoing
from makersync.clock import ManualClock
from makersync.errors import OperatorError
from makersync.store.tables import OutboxRow
from matching.adapters.rebuilding import read_topics, require_empty, write_market


async def publish_outbox(world: World) -> None:
    """What the relay does."""
    async with world.store.reading() as session:
        rows = (await session.exec(select(OutboxRow))).all()
    producer = await world.broker.producer()
    await producer.publish([Outgoing(row.topic, row.partition, row.key.encode(), row.payload) for row in rows], 1.0)


async def rebuilt(world: World, folder: Path, clock: ManualClock) -> World:
    """The same log with a new, empty database, every other process stopped."""
    await world.stop()
    fresh = await open_world(f"sqlite+aiosqlite:///{folder / 'fresh.sqlite'}", clock, folder)
    await fresh.stop()
    for loop_table in ("catalog_entry", "fence", "outbox"):
        async with fresh.store.transaction() as session:
            await session.run_sync(lambda s, name=loop_table: s.connection().exec_driver_sql(f"DELETE FROM {name}"))
    fresh.broker = world.broker
    fresh.told = 0
    await require_empty(fresh.store)
    newest = await read_topics(world.broker, lambda _done, _total: None)
    await write_market(fresh.store, clock, newest, "log")
    return fresh


async def test_what_was_told_is_known_again_and_only_differences_are_told(
    world: World, tmp_path: Path, clock: ManualClock
) -> None:
    await world.opening()
    await world.learner("ann")
    await world.learner("bob")
    await world.learner("cid")
    await world.settle()
    await world.learner("bob", seeking=False)
    await world.settle()
    await publish_outbox(world)
    await world.learner("cid", seeking=False)  # said after matching's last word
    fresh = await rebuilt(world, tmp_path, clock)
    await fresh.events()
    await fresh.start("rebuilt")
    assert await fresh.news() == [("withdrawn", "job", "cid", "learner_unavailable")]
    await fresh.store.close()


async def test_versions_go_on_where_the_lost_database_stopped(world: World, tmp_path: Path, clock: ManualClock) -> None:
    await world.opening()
    for seeking in (True, False, True, False):
        await world.learner("ann", seeking=seeking)
        await world.settle()
    await publish_outbox(world)
    fresh = await rebuilt(world, tmp_path, clock)
    await fresh.events()
    await fresh.start("rebuilt")
    await fresh.settle()
    fresh.versions = dict(world.versions)
    await fresh.learner("ann", seeking=True)
    await fresh.settle()
    assert [event.version for event in await fresh.events() if "Match" in event.type] == [5]
    await fresh.store.close()


async def test_a_database_that_is_not_empty_is_not_rebuilt(world: World) -> None:
    await world.opening()
    await world.settle()
    with pytest.raises(OperatorError, match="not empty"):
        await require_empty(world.store)


async def test_pathways_are_known_again_and_only_differences_are_told(world: World, tmp_path: Path, clock: ManualClock) -> None:
    await world.opening()
    for name in ("ann", "bob", "cid"):
        await world.learner(name, award(CREDENTIALS[1], award_id=f"{name}-award"))
    await world.settle()
    await world.gone("cid", "LearnerErased")
    await world.settle()
    await publish_outbox(world)
    await world.gone("bob", "LearnerWithdrawn")  # said after matching's last word
    fresh = await rebuilt(world, tmp_path, clock)
    await fresh.events()
    await fresh.start("rebuilt")
    await fresh.settle()
    told = [(event.type, event.subject, event.version) for event in await fresh.events()]
    assert told == [("matching.PathwayEnded", "bob", 2)]
    await fresh.store.close()
