"""The product's topics and the identity of their log."""

import asyncio
from collections.abc import Sequence

import pytest

from contracts.topics import CATALOG, LEARNER, OPENING, TOPICS
from makersync.broker.deployment_zone import read_time_zone
from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Broker, Outgoing, TopicPartition, TopicsMissing, TopicSpec
from makersync.broker.topics import LOG_IDENTITY_TOPIC, check_topics, ensure_topics, read_log_id
from makersync.errors import OperatorError
from makersync.settings import Settings
from tests.servers.brokers import BrokerKind
from tests.servers.fixtures import CLUSTER

SETTINGS = Settings(partitions=3)
IDENTITY = TopicPartition(LOG_IDENTITY_TOPIC, 0)


@pytest.mark.parametrize("_opened_kind", ["memory", pytest.param("kafka", marks=CLUSTER)], indirect=True)
async def test_any_number_of_runs_at_once_creates_all_topics_and_one_identity(broker_kind: BrokerKind) -> None:
    brokers = [await broker_kind.connect() for _ in range(4)]
    # A server that the tests of a session share has its topics since the first of them.
    partitions = (await brokers[0].partitions([OPENING.name])).get(OPENING.name, 3)
    settings = Settings(profile="cluster", partitions=partitions)
    await asyncio.gather(*(ensure_topics(broker, TOPICS, settings) for broker in brokers))
    await demand_one_log(brokers, settings)


@pytest.mark.parametrize("_opened_kind", ["memory", "embedded"], indirect=True)
async def test_each_further_start_of_the_embedded_broker_leaves_its_topics_and_its_identity(broker_kind: BrokerKind) -> None:
    brokers = [await broker_kind.connect() for _ in range(4)]
    for broker in brokers:
        await ensure_topics(broker, TOPICS, SETTINGS)
    await demand_one_log(brokers, SETTINGS)


async def demand_one_log(brokers: Sequence[Broker], settings: Settings) -> None:
    assert await ensure_topics(brokers[0], TOPICS, settings) == frozenset()
    await check_topics(brokers[0], TOPICS, settings)
    assert await brokers[0].bounds([LOG_IDENTITY_TOPIC]) == {IDENTITY: (0, 1)}
    assert len({await read_log_id(broker) for broker in brokers}) == 1
    assert {await read_time_zone(broker) for broker in brokers} == {"UTC"}


async def test_the_first_record_is_the_identity_even_when_two_wrote_one() -> None:
    broker = MemoryBroker()
    await ensure_topics(broker, TOPICS, SETTINGS)
    log_id = await read_log_id(broker)
    await (await broker.producer()).publish([Outgoing(LOG_IDENTITY_TOPIC, 0, b"late", b'{"log_id": "late"}')], 1.0)
    assert await read_log_id(broker) == log_id
    assert len({record.key for record in broker.records(LOG_IDENTITY_TOPIC)}) == 2


async def test_an_identity_whose_writer_died_is_written_by_the_next() -> None:
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(LOG_IDENTITY_TOPIC, 1)])
    with pytest.raises(TopicsMissing, match="not set up"):
        await read_log_id(broker)
    await ensure_topics(broker, TOPICS, SETTINGS)
    assert await read_log_id(broker)


async def test_a_first_record_that_is_not_an_identity_needs_an_operator() -> None:
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(LOG_IDENTITY_TOPIC, 1)])
    await (await broker.producer()).publish([Outgoing(LOG_IDENTITY_TOPIC, 0, b"log", b"[]")], 1.0)
    with pytest.raises(OperatorError, match="not a log's identity"):
        await read_log_id(broker)


async def test_another_log_has_another_identity() -> None:
    broker = MemoryBroker()
    await ensure_topics(broker, TOPICS, SETTINGS)
    log_id = await read_log_id(broker)
    broker.replace()
    await ensure_topics(broker, TOPICS, SETTINGS)
    assert await read_log_id(broker) != log_id


async def test_wrong_partition_counts_are_refused_with_topic_expected_and_found() -> None:
    broker: Broker = MemoryBroker()
    await broker.create_topics([TopicSpec(OPENING.name, 8), TopicSpec(LEARNER.name, 3)])
    with pytest.raises(TopicsMissing) as refusal:
        await check_topics(broker, [OPENING, LEARNER, CATALOG], SETTINGS)
    assert f"{OPENING.name} has 8 partitions, not 3" in str(refusal.value)
    assert f"{CATALOG.name} does not exist" in str(refusal.value)
    assert LEARNER.name not in str(refusal.value)
