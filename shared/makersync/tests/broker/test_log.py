"""What every broker guarantees for its log: order, bounds, topics, and reading from the start."""

import asyncio
from contextlib import suppress

import pytest

from makersync.broker.port import (
    Broker,
    BrokerAway,
    OffsetUnknown,
    Outgoing,
    Producer,
    RecordRefused,
    TopicPartition,
    TopicsMissing,
    TopicSpec,
)
from tests.servers.fixtures import CLUSTER
from tests.servers.waiting import nothing_comes, read

DEADLINE_S = 10.0
COMPACTED = {"cleanup.policy": "compact", "max.compaction.lag.ms": "3600000"}


def numbered(topic: str, count: int, partitions: int) -> list[Outgoing]:
    return [Outgoing(topic, number % partitions, f"key-{number}".encode(), str(number).encode()) for number in range(count)]


async def test_records_of_a_partition_are_read_in_the_order_they_were_written(
    any_broker: Broker, producer: Producer, topic: str
) -> None:
    await any_broker.create_topics([TopicSpec(topic, 3)])
    await producer.publish(numbered(topic, 300, partitions=3), DEADLINE_S)
    await producer.publish(numbered(topic, 300, partitions=3), DEADLINE_S)
    tail = await any_broker.tail([topic])
    found = await read(tail, 600)
    await tail.close()
    for number in range(3):
        records = found[TopicPartition(topic, number)]
        assert [record.offset for record in records] == list(range(200))
        assert [int(record.value or b"") for record in records] == 2 * list(range(number, 300, 3))


async def test_a_record_is_read_as_it_was_written(any_broker: Broker, producer: Producer, topic: str) -> None:
    await any_broker.create_topics([TopicSpec(topic, 2)])
    await producer.publish([Outgoing(topic, 1, b"key", b"\x00value\xff")], DEADLINE_S)
    tail = await any_broker.tail([topic])
    [record] = (await read(tail, 1))[TopicPartition(topic, 1)]
    await tail.close()
    assert (record.topic, record.partition, record.offset) == (topic, 1, 0)
    assert (record.key, record.value) == (b"key", b"\x00value\xff")
    assert record.timestamp_ms > 1_600_000_000_000


async def test_a_large_batch_is_written_completely(any_broker: Broker, producer: Producer, topic: str) -> None:
    await any_broker.create_topics([TopicSpec(topic, 1)])
    await producer.publish([Outgoing(topic, 0, b"key", bytes(2000)) for _ in range(2000)], DEADLINE_S)
    assert await any_broker.bounds([topic]) == {TopicPartition(topic, 0): (0, 2000)}


async def test_fetch_returns_no_more_than_was_asked_for(any_broker: Broker, producer: Producer, topic: str) -> None:
    await any_broker.create_topics([TopicSpec(topic, 2)])
    await producer.publish(numbered(topic, 100, partitions=2), DEADLINE_S)
    tail = await any_broker.tail([topic])
    total = 0
    while total < 100:
        fetched = sum(map(len, (await tail.fetch(7, timeout_s=1.0)).values()))
        assert fetched <= 7
        total += fetched
    await tail.close()


async def test_bounds_are_the_first_offset_and_the_one_after_the_last(
    any_broker: Broker, producer: Producer, topic: str
) -> None:
    await any_broker.create_topics([TopicSpec(topic, 2)])
    await producer.publish(numbered(topic, 5, partitions=2), DEADLINE_S)
    assert await any_broker.bounds([topic, f"{topic}-absent"]) == {
        TopicPartition(topic, 0): (0, 3),
        TopicPartition(topic, 1): (0, 2),
    }


async def test_absent_topics_are_omitted_and_not_created(any_broker: Broker, topic: str) -> None:
    await any_broker.create_topics([TopicSpec(topic, 4)])
    for _ in range(2):
        assert await any_broker.partitions([topic, f"{topic}-absent"]) == {topic: 4}
    assert await any_broker.partitions([f"{topic}-absent"]) == {}


async def test_an_existing_topic_is_not_changed(any_broker: Broker, producer: Producer, topic: str) -> None:
    assert await any_broker.create_topics([TopicSpec(topic, 2, COMPACTED)]) == {topic}
    await producer.publish(numbered(topic, 2, partitions=2), DEADLINE_S)
    assert await any_broker.create_topics([TopicSpec(topic, 5), TopicSpec(f"{topic}-new", 1)]) == {f"{topic}-new"}
    assert await any_broker.partitions([topic]) == {topic: 2}
    assert (await any_broker.bounds([topic]))[TopicPartition(topic, 0)] == (0, 1)


async def test_of_several_simultaneous_creations_of_a_topic_one_succeeds(any_broker: Broker, topic: str) -> None:
    answers = await asyncio.gather(*(any_broker.create_topics([TopicSpec(topic, 2)]) for _ in range(4)))
    assert sorted(map(len, answers)) == [0, 0, 0, 1]


async def test_reading_an_absent_topic_is_refused_with_its_name(any_broker: Broker, topic: str) -> None:
    with pytest.raises(TopicsMissing, match=topic):
        await any_broker.tail([topic])
    with pytest.raises(TopicsMissing, match=topic):
        await any_broker.join(f"group-{topic}", [topic])


async def test_a_tail_reads_every_partition_from_the_start_and_follows(
    any_broker: Broker, producer: Producer, topic: str
) -> None:
    other = f"{topic}-other"
    await any_broker.create_topics([TopicSpec(topic, 2), TopicSpec(other, 1)])
    await producer.publish(numbered(topic, 10, partitions=2), DEADLINE_S)
    tail = await any_broker.tail([topic, other])
    await read(tail, 10)
    await producer.publish(numbered(other, 3, partitions=1), DEADLINE_S)
    found = await read(tail, 3)
    assert list(found) == [TopicPartition(other, 0)]
    assert tail.position(TopicPartition(other, 0)) == 3
    assert tail.position(TopicPartition(topic, 1)) == 5
    await tail.close()


async def test_a_tail_can_be_set_to_a_position(any_broker: Broker, producer: Producer, topic: str) -> None:
    await any_broker.create_topics([TopicSpec(topic, 1)])
    await producer.publish(numbered(topic, 10, partitions=1), DEADLINE_S)
    tail = await any_broker.tail([topic])
    partition = TopicPartition(topic, 0)
    await tail.seek(partition, 8)
    assert tail.position(partition) == 8
    assert [record.offset for record in (await read(tail, 2))[partition]] == [8, 9]
    await tail.seek(partition, 10)
    assert await nothing_comes(tail)
    with pytest.raises(OffsetUnknown, match="0 to 10, not 11"):
        await tail.seek(partition, 11)
    await tail.close()


@pytest.mark.parametrize("_opened_kind", ["embedded", pytest.param("kafka", marks=CLUSTER)], indirect=True)
async def test_a_record_that_is_too_large_is_refused_not_retried(any_broker: Broker, topic: str) -> None:
    """The in-memory broker accepts records of any size."""
    await any_broker.create_topics([TopicSpec(topic, 1)])
    producer = await any_broker.producer()
    with pytest.raises(RecordRefused, match="MessageSizeTooLargeError"):
        await producer.publish([Outgoing(topic, 0, b"key", bytes(2_000_000))], DEADLINE_S)
    await producer.close()


async def test_a_topic_is_not_created_by_those_who_read_or_write_it(any_broker: Broker, producer: Producer, topic: str) -> None:
    """Guards: a reader that reconnected to a broker that had forgotten everything created its topic, of one partition."""
    await any_broker.create_topics([TopicSpec(topic, 2)])
    member = await any_broker.join(topic, [topic])
    await any_broker.delete_topics([topic])
    with suppress(OffsetUnknown):
        await member.fetch(10, 1.0)
    with pytest.raises(BrokerAway):
        await producer.publish(numbered(topic, 2, partitions=2), 1.0)
    assert await any_broker.partitions([topic]) == {}
    await member.close()
