"""The embedded broker creates a topic for any client that asks for it; setting up the log must correct that."""

from contextlib import AsyncExitStack

import pytest

from contracts.topics import LEARNER, OPENING, TOPICS
from makersync.broker.embedded import EmbeddedBroker
from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import Broker, BrokerNotReady, Outgoing, TopicPartition, TopicSpec
from makersync.broker.topics import LOG_IDENTITY_TOPIC, ensure_topics, read_log_id
from makersync.settings import Settings

#: Long, since a busy machine must not end the test.
DEADLINE_S = 20.0
MOST_TRIES = 8


@pytest.mark.parametrize("_opened_kind", ["memory", "embedded"], indirect=True)
async def test_topics_created_by_a_clients_request_are_created_again(any_broker: Broker) -> None:
    await any_broker.create_topics([TopicSpec(LEARNER.name, 4), TopicSpec(LOG_IDENTITY_TOPIC, 4)])
    settings = Settings(profile="embedded", partitions=8)
    created = await ensure_topics(any_broker, TOPICS, settings)
    found = await any_broker.partitions([LEARNER.name, OPENING.name, LOG_IDENTITY_TOPIC])
    assert found == {LEARNER.name: 8, OPENING.name: 8, LOG_IDENTITY_TOPIC: 1}
    assert LEARNER.name in created
    assert await read_log_id(any_broker)


@pytest.mark.parametrize("_opened_kind", ["memory", "embedded"], indirect=True)
async def test_topics_of_a_log_with_an_identity_are_not_changed(any_broker: Broker) -> None:
    """Another number of partitions was configured before: the services refuse to start, and nothing is deleted."""
    await ensure_topics(any_broker, TOPICS, Settings(profile="embedded", partitions=4))
    before = await read_log_id(any_broker)
    assert await ensure_topics(any_broker, TOPICS, Settings(profile="embedded", partitions=8)) == frozenset()
    assert (await any_broker.partitions([LEARNER.name])) == {LEARNER.name: 4}
    assert await read_log_id(any_broker) == before


async def test_records_from_a_producer_of_an_earlier_log_hide_no_record(embedded_broker: EmbeddedBroker) -> None:
    """Guards: a broker that has lost its topics still accepts records for them; records acknowledged later must be readable."""
    settings = Settings(profile="embedded", partitions=2, broker_address=embedded_broker.address)
    broker, topic = KafkaBroker(settings), LEARNER.name
    async with AsyncExitStack() as closing:
        closing.push_async_callback(broker.close)
        await hide_records(embedded_broker, broker, settings)
        await ensure_topics(broker, TOPICS, settings)
        later = await broker.producer()
        closing.push_async_callback(later.close)
        for n in range(8):
            await later.publish([Outgoing(topic, 0, b"bob", b"%d" % n)], DEADLINE_S)
        assert await read_all(broker, TopicPartition(topic, 0)) == [b"%d" % n for n in range(8)]


async def hide_records(server: EmbeddedBroker, broker: Broker, settings: Settings) -> None:
    """Write to a topic that the broker has lost. A producer that has looked for the topic meanwhile cannot: then another one
    tries in another log."""
    for _ in range(MOST_TRIES):
        await ensure_topics(broker, TOPICS, settings)
        earlier = await broker.producer()
        await earlier.publish([Outgoing(LEARNER.name, 0, b"ann", b"1")], DEADLINE_S)
        await server.kill()
        await server.start()
        try:
            return await earlier.publish([Outgoing(LEARNER.name, 0, b"ann", b"%d" % n) for n in range(5)], DEADLINE_S)
        except BrokerNotReady:
            continue
        finally:
            await earlier.close()
    pytest.fail(f"the broker took no records for a lost topic, {MOST_TRIES} times")


async def read_all(broker: Broker, at: TopicPartition) -> list[bytes | None]:
    """The values of a partition, from its first record to its end."""
    (_, end), tail = (await broker.bounds([at.topic]))[at], await broker.tail([at.topic])
    values: list[bytes | None] = []
    while tail.position(at) < end:
        values += [record.value for record in (await tail.fetch(100, 0.2)).get(at, ())]
    await tail.close()
    return values
