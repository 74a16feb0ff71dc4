"""DESIGN, exactly-once effects, 7: a service recognises the log that it has worked on."""

import asyncio

import pytest
from sqlmodel import select

from makersync.broker.port import TopicSpec
from makersync.broker.topics import LOG_IDENTITY_TOPIC
from makersync.effects.fence import Standing
from makersync.effects.log_identity import assert_same_log, publish_again, recognise_log, watch_log
from makersync.errors import LogReplaced, OperatorError
from makersync.store.tables import FenceRow

from .toy_world import World, drain, work_off, write_identity
from .toys import ANN, BOB, LEFT, LEFT_HALF, REGIONS, RIGHT_HALF, TOPICS, at, outgoing


@pytest.fixture
async def worked(world: World) -> World:
    """A service that has published three versions and read two events."""
    await recognise_log(world.store, world.broker, "refuse")
    for value in range(3):
        await world.halves.set(LEFT_HALF, ANN, value)
    await (await world.relay()).publish_batch(10)
    world.write(outgoing(LEFT_HALF, BOB, 1, 4), outgoing(RIGHT_HALF, BOB, 1, 5))
    await work_off(world)
    return world


async def replace_log(world: World) -> None:
    world.broker.replace()
    await write_identity(world.broker, "log-2")


async def test_the_first_log_is_remembered_and_recognised(world: World) -> None:
    assert await recognise_log(world.store, world.broker, "refuse") == "log-1"
    assert await recognise_log(world.store, world.broker, "refuse") == "log-1"


async def test_another_log_is_refused_in_production(worked: World) -> None:
    """Guards: events may be missing, and only an operator can know. The message says what to do, and nothing has changed."""
    await replace_log(worked)
    for _ in range(2):
        with pytest.raises(OperatorError, match=r"log is log-2, not log-1 .*MAKERSYNC_REPLACED_LOG=republish"):
            await recognise_log(worked.store, worked.broker, "refuse")
    assert await offsets(worked) != {}


@pytest.mark.parametrize("topic_side", [LEFT_HALF, RIGHT_HALF])
async def test_a_shorter_log_is_refused_in_production(worked: World, topic_side: str) -> None:
    """Guards: the same id with records missing at the end, as when a broker lost its disk's last writes or was restored."""
    worked.broker.drop_from(at(topic_side, 1), 0)
    with pytest.raises(OperatorError, match=r"partition 1 ends at 0; this service has read up to 1"):
        await recognise_log(worked.store, worked.broker, "refuse")


async def test_a_log_that_begins_after_the_stored_offset_is_refused_in_production(worked: World) -> None:
    """Guards: the deleted records were never read; without the check the process would end and restart forever."""
    worked.write(outgoing(LEFT_HALF, BOB, 2), outgoing(LEFT_HALF, BOB, 3))
    worked.broker.drop_before(at(LEFT_HALF, 1), 2)
    with pytest.raises(OperatorError, match=r"partition 1 begins at 2; this service has read only up to 1"):
        await recognise_log(worked.store, worked.broker, "refuse")


async def test_a_log_that_only_grew_is_the_same(worked: World) -> None:
    worked.write(outgoing(LEFT_HALF, BOB, 2))
    assert await recognise_log(worked.store, worked.broker, "refuse") == "log-1"
    assert await worked.waiting() == [(BOB, 1)]  # the published pair, and nothing a second time


async def test_after_a_replacement_all_events_are_published_and_read_again(worked: World) -> None:
    """Guards: the embedded profile, whose broker loses its log. The newest event of every key is published again, everything is
    read from the start, and versions prevent duplicate effects."""
    await replace_log(worked)
    assert await recognise_log(worked.store, worked.broker, "republish") == "log-2"
    assert set(await worked.waiting()) == {(ANN, 3), (BOB, 1)}
    await (await worked.relay()).publish_batch(10)
    assert worked.versions(LEFT, ANN) == [3]
    worked.write(outgoing(LEFT_HALF, BOB, 1, 4), outgoing(RIGHT_HALF, BOB, 1, 5), outgoing(RIGHT_HALF, BOB, 2, 6))
    before = await worked.ledger()
    worked.log_id = "log-2"
    await work_off(worked)
    assert (await worked.ledger())[len(before) :] == [(RIGHT_HALF, BOB, 2)]
    assert (await worked.pairs())[BOB] == (4, 6)


async def test_a_shorter_log_is_treated_as_a_replacement(worked: World) -> None:
    worked.broker.drop_from(at(LEFT_HALF, 0), 0)
    assert await recognise_log(worked.store, worked.broker, "republish") == "log-1"
    await (await worked.relay()).publish_batch(10)
    assert worked.versions(LEFT, ANN) == [3]
    assert await offsets(worked) == {}


async def test_a_replacement_fences_owners_that_still_work_on_the_old_log(worked: World) -> None:
    """Guards: epochs are raised when the offsets are forgotten. The standing is in the database and stays valid."""
    loop = worked.loop()
    await drain(loop)
    async with worked.store.transaction() as session:
        row = (await session.exec(select(FenceRow).where(FenceRow.partition == 1))).one()
        row.catalog_offset = 9
        session.add(row)
    epoch = loop.held[1].hold.epoch
    worked.broker.drop_from(at(LEFT_HALF, 1), 0)
    await recognise_log(worked.store, worked.broker, "republish")
    async with worked.store.reading() as session:
        row = (await session.exec(select(FenceRow).where(FenceRow.partition == 1))).one()
    assert (row.epoch, row.offsets, Standing(row.catalog_offset)) == (epoch + 1, {}, Standing(9))


async def test_a_log_that_is_replaced_while_a_service_runs_is_detected(worked: World) -> None:
    """Guards: the identity is checked repeatedly, and a broker that is away in between does not count as another log."""
    running = asyncio.create_task(watch_log(worked.broker, "log-1", asyncio.Event(), every_s=0.01))
    await asyncio.sleep(0.05)
    worked.broker.stop_answering()
    await asyncio.sleep(0.05)
    assert not running.done()
    worked.broker.start_answering()
    await replace_log(worked)
    with pytest.raises(LogReplaced, match="log is log-2"):
        await asyncio.wait_for(running, 10)


async def test_a_log_that_loses_its_identity_counts_as_replaced(worked: World) -> None:
    """Guards: a broker that came back empty: the process ends in order to be restarted, without an operator."""
    worked.broker.replace()
    with pytest.raises(LogReplaced):
        await assert_same_log(worked.broker, "log-1")
    await worked.broker.create_topics([*TOPICS, TopicSpec(LOG_IDENTITY_TOPIC, 1)])
    with pytest.raises(LogReplaced):
        await assert_same_log(worked.broker, "log-1")


async def test_one_subject_or_all_events_can_be_published_again(worked: World) -> None:
    """Guards: `makersync republish`."""
    await worked.halves.set(LEFT_HALF, f"{REGIONS[2]}/ann", 1)
    await worked.halves.set(LEFT_HALF, f"{REGIONS[2]}/joann", 1)
    await (await worked.relay()).publish_batch(100)
    async with worked.store.transaction() as session:
        assert await publish_again(session, subject="ann") == 2
    assert [key for key, _ in await worked.waiting()] == [ANN, f"{REGIONS[2]}/ann"]
    async with worked.store.transaction() as session:
        assert await publish_again(session, subject="100%_ann") == 0
        assert await publish_again(session, topic=LEFT.name) == 3
        assert await publish_again(session) == 4


async def offsets(world: World) -> dict[int, dict[str, int]]:
    async with world.store.reading() as session:
        rows = (await session.exec(select(FenceRow))).all()
    return {row.partition: row.offsets for row in rows if row.offsets}
