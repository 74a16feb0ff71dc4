"""The controls of the in-memory broker, which tests of other modules rely on."""

import asyncio

import pytest

from makersync.broker.memory import MemoryBroker
from makersync.broker.memory_clients import MemoryProducer
from makersync.broker.port import BrokerAway, OffsetUnknown, Outgoing, Progress, TopicPartition, TopicSpec

PARTITION = TopicPartition("topic", 0)


@pytest.fixture
async def broker() -> MemoryBroker:
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec("topic", 2)])
    await write(await broker.producer(), 5)
    return broker


async def write(producer: MemoryProducer, count: int) -> None:
    await producer.publish([Outgoing("topic", 0, b"key", str(number).encode()) for number in range(count)], 1.0)


async def test_a_waiting_fetch_wakes_when_something_is_written(broker: MemoryBroker) -> None:
    tail = await broker.tail(["topic"])
    await tail.seek(PARTITION, 5)
    fetching = asyncio.create_task(tail.fetch(10, timeout_s=60.0))
    await asyncio.sleep(0)
    await write(await broker.producer(), 1)
    assert [record.offset for record in (await fetching)[PARTITION]] == [5]


async def test_a_waiting_fetch_fails_when_the_broker_stops_answering(broker: MemoryBroker) -> None:
    member = await broker.join("group", ["topic"])
    fetching = asyncio.create_task(member.fetch(10, timeout_s=60.0))
    await asyncio.sleep(0)
    broker.stop_answering()
    with pytest.raises(BrokerAway):
        await fetching
    broker.start_answering()
    assert await member.fetch(10, timeout_s=0.0) == {}


async def test_an_expelled_member_continues_reading_until_it_is_readmitted(broker: MemoryBroker) -> None:
    zombie, successor = await broker.join("group", ["topic"]), await broker.join("group", ["topic"])
    await zombie.seek(PARTITION, 0)
    broker.expel(zombie)
    assert len(successor.assignment().partitions) == 2
    assert len((await zombie.fetch(10, timeout_s=0.0))[PARTITION]) == 5
    before = zombie.assignment()
    broker.readmit(zombie)
    assert zombie.assignment().generation > before.generation
    assert await zombie.fetch(10, timeout_s=0.0) == {}


async def test_a_deleted_position_is_unknown(broker: MemoryBroker) -> None:
    tail = await broker.tail(["topic"])
    await tail.fetch(2, timeout_s=0.0)
    broker.drop_before(PARTITION, 4)
    with pytest.raises(OffsetUnknown):
        await tail.fetch(10, timeout_s=0.0)
    await tail.seek(PARTITION, 4)
    assert [record.offset for record in (await tail.fetch(10, timeout_s=0.0))[PARTITION]] == [4]
    broker.drop_from(PARTITION, 4)
    with pytest.raises(OffsetUnknown):
        await tail.fetch(10, timeout_s=0.0)


async def test_a_fetch_that_fails_loses_nothing(broker: MemoryBroker) -> None:
    tail = await broker.tail(["topic"])
    await tail.fetch(2, timeout_s=0.0)
    broker.stop_answering()
    with pytest.raises(BrokerAway):
        await tail.fetch(2, timeout_s=0.0)
    broker.start_answering()
    assert [record.offset for record in (await tail.fetch(2, timeout_s=0.0))[PARTITION]] == [2, 3]


async def test_a_replaced_log_knows_no_topic_and_no_offset(broker: MemoryBroker) -> None:
    member = await broker.join("group", ["topic"])
    broker.replace()
    assert member.assignment().partitions == frozenset()
    await broker.create_topics([TopicSpec("topic", 2)])
    assert len(member.assignment().partitions) == 2
    with pytest.raises(OffsetUnknown):
        await member.seek(PARTITION, 5)


async def test_reported_progress_can_be_read(broker: MemoryBroker) -> None:
    member = await broker.join("group", ["topic"])
    await member.note_progress({PARTITION: Progress(3)})
    assert await broker.progress("group") == {PARTITION: Progress(3)}
