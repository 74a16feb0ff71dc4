"""Topics can change while services run: what is wrong is named with the requirement and the command that corrects it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import aiokafka.codec
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.topics import OPENING
from makersync.broker import topic_shape
from makersync.broker.kafka import KafkaBroker
from makersync.broker.memory import MemoryBroker
from makersync.broker.port import CodecUnknown, Outgoing, TopicPartition, TopicsMissing, TopicSpec
from makersync.broker.topics import COMPACTION, check_topics, judge_topics
from makersync.errors import OperatorError
from makersync.runtime.topic_watch import TopicWatch
from makersync.settings import Settings
from tests.servers.kafka import KafkaServer

SETTINGS = Settings(partitions=3, broker_address="broker:9092")
TOOL = f"kafka-configs --bootstrap-server broker:9092 --alter --entity-type topics --entity-name {OPENING.name}"


@pytest.fixture
async def broker() -> MemoryBroker:
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(OPENING.name, 3, COMPACTION)])
    return broker


async def test_created_topics_meet_the_requirements(broker: MemoryBroker) -> None:
    assert await judge_topics(broker, [OPENING], SETTINGS) == []


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("cleanup.policy", "delete", "--add-config cleanup.policy=compact"),
        ("cleanup.policy", "compact,delete", "--add-config cleanup.policy=compact"),
        ("compression.type", "brotli", "--add-config compression.type=producer"),
        ("max.message.bytes", "1000", "--add-config max.message.bytes=1048588"),
        ("retention.ms", "60000", "--delete-config retention.ms"),
        ("retention.bytes", "1000", "--delete-config retention.bytes"),
        ("max.compaction.lag.ms", "9223372036854775807", "--add-config max.compaction.lag.ms=43200000"),
        ("min.compaction.lag.ms", "86400000", "--delete-config min.compaction.lag.ms"),
        ("segment.ms", "604800000", "--add-config segment.ms=21600000"),
    ],
)
async def test_an_unfit_setting_is_named_with_its_remedy(broker: MemoryBroker, name: str, value: str, remedy: str) -> None:
    broker.set(OPENING.name, name, value)
    (problem,) = await judge_topics(broker, [OPENING], SETTINGS)
    assert str(problem).startswith(f"topic {OPENING.name} has {name}={value}; it must be ")
    assert str(problem).endswith(f"Run `{TOOL} {remedy}`")


async def test_added_partitions_are_named_with_the_procedure(broker: MemoryBroker) -> None:
    (problem,) = await judge_topics(broker, [OPENING], replace_partitions(2))
    assert f"{OPENING.name} has 3 partitions, not 2. Stop every service. Delete the topic" in str(problem)


async def test_a_codec_that_cannot_be_read_is_refused_at_the_start(
    broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.set(OPENING.name, "compression.type", "lz4")
    await check_topics(broker, [OPENING], SETTINGS)
    monkeypatch.setattr(topic_shape, "find_spec", lambda _name: None)
    with pytest.raises(TopicsMissing, match=r"compression\.type=lz4; it must be one of producer, uncompressed, gzip, or"):
        await check_topics(broker, [OPENING], SETTINGS)


async def test_a_topic_problem_that_does_not_stop_the_work_does_not_refuse_the_start(broker: MemoryBroker) -> None:
    broker.set(OPENING.name, "retention.ms", "60000")
    await check_topics(broker, [OPENING], SETTINGS)


async def test_a_process_is_not_ready_while_its_topics_do_not_fit(broker: MemoryBroker) -> None:
    watch = TopicWatch([OPENING], SETTINGS)
    await watch.look(broker)
    await watch.check()
    broker.set(OPENING.name, "cleanup.policy", "delete")
    await watch.look(broker)
    with pytest.raises(OperatorError, match=r"cleanup\.policy=delete; it must be compact"):
        await watch.check()
    broker.set(OPENING.name, "cleanup.policy", "compact")
    await watch.look(broker)
    await watch.check()


def replace_partitions(count: int) -> Settings:
    return SETTINGS.model_copy(update={"partitions": count})


@pytest.fixture
async def admin(kafka_server: KafkaServer) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka_server.address)
    await client.start()
    yield client
    await client.close()


@pytest.fixture
async def kafka(kafka_server: KafkaServer) -> AsyncIterator[KafkaBroker]:
    broker = KafkaBroker(Settings(profile="cluster", broker_address=kafka_server.address))
    yield broker
    await broker.close()


async def configure(admin: AIOKafkaAdminClient, topic: str, **settings: str) -> None:
    named = {name.replace("_", "."): value for name, value in settings.items()}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, COMPACTION | named)])


@pytest.mark.cluster
async def test_records_in_every_accepted_codec_are_read(
    admin: AIOKafkaAdminClient, kafka: KafkaBroker, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: cramjam in the runtime, and what this client can read from Kafka. Without cramjam the codec is named."""
    await kafka.create_topics([TopicSpec(topic, 1, COMPACTION)])
    codecs = [codec for codec in topic_shape.readable_codecs() if codec != "producer"]
    producer = await kafka.producer()
    for codec in codecs:
        await configure(admin, topic, compression_type=codec)
        await producer.publish([Outgoing(topic, 0, codec.encode(), b"x" * 2000)], 10.0)
    await producer.close()
    tail = await kafka.tail([topic])
    read: list[bytes | None] = []
    async with asyncio.timeout(60):
        while len(read) < len(codecs):
            read += [record.key for record in (await tail.fetch(10, 5.0)).get(TopicPartition(topic, 0), ())]
    assert read == [codec.encode() for codec in codecs]
    await tail.close()
    monkeypatch.setattr(aiokafka.codec, "cramjam", None)
    tail = await kafka.tail([topic])
    with pytest.raises(CodecUnknown, match=f"{topic} cannot be read: .*Libraries for .* compression codec not found"):
        for _ in range(len(codecs)):
            await tail.fetch(10, 5.0)
    await tail.close()


@pytest.mark.cluster
async def test_a_change_by_an_operators_tool_on_kafka_is_detected(
    admin: AIOKafkaAdminClient, kafka: KafkaBroker, topic: str
) -> None:
    mine = replace(OPENING, name=topic)
    await kafka.create_topics([TopicSpec(topic, 3, COMPACTION)])
    assert await judge_topics(kafka, [mine], SETTINGS) == []
    await configure(admin, topic, retention_ms="60000", cleanup_policy="delete", max_message_bytes="1000")
    await admin.create_partitions({topic: NewPartitions(5)})
    problems = [each.problem for each in await judge_topics(kafka, [mine], SETTINGS)]
    assert [problem.partition(";")[0] for problem in problems] == [
        "has 5 partitions, not 3",
        "has cleanup.policy=delete",
        "has max.message.bytes=1000",
        "has retention.ms=60000",
    ]
