"""A reader without new records makes few requests, and still receives the next record at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from makersync.broker.kafka import readers
from makersync.broker.kafka.readers import KafkaTail
from makersync.broker.port import Broker, Outgoing, Producer, Tail, TopicSpec
from tests.servers.fixtures import CLUSTER
from tests.servers.waiting import read

DEADLINE_S = 5.0


@contextmanager
def counted(tail: KafkaTail) -> Iterator[list[int]]:
    """Counts the fetch requests sent within the block; yields a list whose only item is the count."""
    client, asked = tail._consumer._client, [0]
    send = client.send

    async def counting(node: int, request: object, **options: object) -> object:
        asked[0] += "Fetch" in type(request).__name__
        return await send(node, request, **options)

    client.send = counting
    try:
        yield asked
    finally:
        client.send = send


async def read_for(tail: Tail, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    while loop.time() < ends:
        await tail.fetch(10, 0.1)


@pytest.mark.parametrize("_opened_kind", ["embedded", pytest.param("kafka", marks=CLUSTER)], indirect=True)
async def test_a_reader_fetches_rarely_in_quiet_times_and_often_when_records_arrive(
    any_broker: Broker, producer: Producer, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "QUIET_AFTER_S", 1.0)
    await any_broker.create_topics([TopicSpec(topic, 1)])
    tail = await any_broker.tail([topic])
    assert isinstance(tail, KafkaTail)
    with counted(tail) as asked:
        await read_for(tail, 0.9)
        assert asked[0] > 3
        await read_for(tail, 1.5)
        asked[0] = 0
        await read_for(tail, 2.0)
        assert asked[0] <= 3
        await producer.publish([Outgoing(topic, 0, b"key", b"value")], DEADLINE_S)
        await read(tail, 1)
        asked[0] = 0
        await read_for(tail, 0.9)
        assert asked[0] > 3
    await tail.close()
