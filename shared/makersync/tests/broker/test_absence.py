"""A broker that is gone or frozen: every call reports it in bounded time, and works again once the broker is back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import (
    Broker,
    BrokerAway,
    Member,
    OffsetUnknown,
    Outgoing,
    Progress,
    Record,
    Tail,
    TopicPartition,
    TopicsMissing,
    TopicSpec,
)
from makersync.settings import Settings
from tests.servers.brokers import BrokerKind, EmbeddedKind
from tests.servers.finding import free_port
from tests.servers.fixtures import CLUSTER
from tests.servers.waiting import PATIENCE_S, read, shared_out

BOUND_S = 10.0
DEADLINE_S = 1.0


@pytest.fixture(params=["killed", "frozen"])
async def go_away(request: pytest.FixtureRequest, broker_kind: BrokerKind) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Makes the broker stop answering; it is back after the test."""
    killed = request.param == "killed"
    gone = False

    async def go() -> None:
        nonlocal gone
        gone = True
        await (broker_kind.kill() if killed else broker_kind.freeze())

    yield go
    if gone:
        await (broker_kind.restart() if killed else broker_kind.thaw())


async def away(call: Awaitable[object]) -> None:
    """Expects BrokerAway within the time limit."""
    async with asyncio.timeout(BOUND_S):
        with pytest.raises(BrokerAway):
            await call


async def fetch_until_it_fails(fetch: Callable[[int, float], Awaitable[object]]) -> None:
    while True:
        await fetch(10, 0.1)


async def test_every_call_reports_in_bounded_time_that_the_broker_is_away(
    broker_kind: BrokerKind, any_broker: Broker, topic: str, go_away: Callable[[], Awaitable[None]]
) -> None:
    await any_broker.create_topics([TopicSpec(topic, 2)])
    producer, member, tail = (
        await any_broker.producer(),
        await any_broker.join(f"group-{topic}", [topic]),
        await any_broker.tail([topic]),
    )
    await producer.publish([Outgoing(topic, 0, b"key", b"value")], DEADLINE_S)
    await shared_out([member], 2)
    await member.seek(TopicPartition(topic, 0), 0)
    await read(member, 1)
    await go_away()
    await asyncio.gather(
        away(producer.publish([Outgoing(topic, 0, b"key", b"value")], DEADLINE_S)),
        away(fetch_until_it_fails(member.fetch)),
        away(fetch_until_it_fails(tail.fetch)),
        away(member.seek(TopicPartition(topic, 0), 0)),
        away(tail.seek(TopicPartition(topic, 0), 0)),
        away(any_broker.bounds([topic])),
        away(any_broker.partitions([topic])),
        *([] if isinstance(broker_kind, EmbeddedKind) else [away(any_broker.progress(f"group-{topic}"))]),
        away(any_broker.create_topics([TopicSpec(f"{topic}-other", 1)])),
        away(any_broker.producer()),
        away(any_broker.join(f"group-{topic}", [topic])),
        away(any_broker.tail([topic])),
    )
    async with asyncio.timeout(BOUND_S):
        await member.note_progress({TopicPartition(topic, 0): Progress(1)})
        await asyncio.gather(producer.close(), member.close(), tail.close())


async def test_a_connection_that_is_refused_names_the_address() -> None:
    address = f"127.0.0.1:{free_port()}"
    async with asyncio.timeout(BOUND_S):
        with pytest.raises(BrokerAway, match=address):
            await KafkaBroker.connect(Settings(broker_address=address))


async def test_a_connection_that_is_never_answered_ends_in_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        async with asyncio.timeout(BOUND_S):
            with pytest.raises(BrokerAway, match=address):
                await KafkaBroker.connect(Settings(broker_address=address))


async def test_unacknowledged_records_are_not_sent_after_the_producer_was_closed(
    broker_kind: BrokerKind, any_broker: Broker, topic: str
) -> None:
    """Otherwise they could arrive after those of the next producer."""
    await any_broker.create_topics([TopicSpec(topic, 1)])
    producer = await any_broker.producer()
    await producer.publish([Outgoing(topic, 0, b"key", b"first")], DEADLINE_S)
    await broker_kind.freeze()
    await away(producer.publish([Outgoing(topic, 0, b"key", b"in flight")], DEADLINE_S))
    await away(producer.publish([Outgoing(topic, 0, b"key", b"queued")], DEADLINE_S))
    await producer.close()
    await broker_kind.thaw()
    successor = await any_broker.producer()
    await successor.publish([Outgoing(topic, 0, b"key", b"last")], BOUND_S)
    await asyncio.sleep(1.0)
    tail = await any_broker.tail([topic])
    values = [record.value for record in (await read(tail, 2))[TopicPartition(topic, 0)]]
    assert b"queued" not in values
    assert values[-1] == b"last"
    await tail.close()
    await successor.close()


@pytest.mark.parametrize("_opened_kind", ["memory", pytest.param("kafka", marks=CLUSTER)], indirect=True)
async def test_readers_continue_after_the_broker_was_restarted(broker_kind: BrokerKind, any_broker: Broker, topic: str) -> None:
    partition = TopicPartition(topic, 0)
    await any_broker.create_topics([TopicSpec(topic, 1)])
    producer, member, tail = (
        await any_broker.producer(),
        await any_broker.join(f"group-{topic}", [topic]),
        await any_broker.tail([topic]),
    )
    await shared_out([member], 1)
    await producer.publish([Outgoing(topic, 0, b"key", b"before")], BOUND_S)
    await read(tail, 1)
    await broker_kind.kill()
    await broker_kind.restart()
    successor = await any_broker.producer()
    await successor.publish([Outgoing(topic, 0, b"key", b"after")], BOUND_S)
    [record] = (await read(tail, 1))[partition]
    assert (record.offset, record.value) == (1, b"after")
    async with asyncio.timeout(PATIENCE_S):
        assert await read_as_owner(member, partition, 1) == record
    for each in (producer, successor, member, tail):
        await each.close()


async def test_readers_learn_that_their_log_was_lost(broker_kind: BrokerKind, any_broker: Broker, topic: str) -> None:
    tail, partition = await reader_at_three(any_broker, topic), TopicPartition(topic, 0)
    await broker_kind.lose(topic)
    async with asyncio.timeout(BOUND_S):
        with pytest.raises(OffsetUnknown):
            await fetch_while_away(tail)
    with pytest.raises(TopicsMissing):
        await any_broker.tail([topic])
    with pytest.raises(OffsetUnknown):
        await tail.seek(partition, 3)
    await tail.close()


async def test_readers_learn_that_their_log_was_replaced_by_a_shorter_one(
    broker_kind: BrokerKind, any_broker: Broker, topic: str
) -> None:
    tail, partition = await reader_at_three(any_broker, topic), TopicPartition(topic, 0)
    await broker_kind.lose(topic)
    await any_broker.create_topics([TopicSpec(topic, 1)])
    await write(any_broker, topic, 2)
    async with asyncio.timeout(BOUND_S):
        with pytest.raises(OffsetUnknown):
            await fetch_while_away(tail)
    await tail.seek(partition, 0)
    assert [record.offset for record in (await read(tail, 2))[partition]] == [0, 1]
    await tail.close()


async def read_as_owner(member: Member, partition: TopicPartition, offset: int) -> Record:
    """The record at `offset`, with a seek after every rebalance, as an owner must do."""
    generation = 0
    while True:
        held = member.assignment()
        if held.generation != generation:
            await member.seek(partition, offset)
            generation = held.generation
        for records in (await member.fetch(10, 0.1)).values():
            return records[0]


async def reader_at_three(broker: Broker, topic: str) -> Tail:
    await broker.create_topics([TopicSpec(topic, 1)])
    await write(broker, topic, 3)
    tail = await broker.tail([topic])
    await read(tail, 3)
    return tail


async def write(broker: Broker, topic: str, count: int) -> None:
    producer = await broker.producer()
    await producer.publish([Outgoing(topic, 0, b"key", b"value") for _ in range(count)], BOUND_S)
    await producer.close()


async def fetch_while_away(tail: Tail) -> None:
    while True:
        with suppress(BrokerAway):
            await tail.fetch(10, 0.1)
