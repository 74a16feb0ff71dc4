"""The topics that Makersync needs, and the identity of the log they are in (DESIGN, exactly-once effects, point 7)."""

import asyncio
from collections.abc import Iterable, Sequence
from uuid import uuid4

import orjson

from makersync.broker.port import (
    Broker,
    BrokerAway,
    Outgoing,
    Record,
    RightsMissing,
    Tail,
    TopicPartition,
    TopicsMissing,
    TopicSpec,
)
from makersync.broker.topic_shape import ERASED_WITHIN_MS, TopicProblem, topic_problems
from makersync.errors import OperatorError
from makersync.settings import Settings
from makersync.topic import Topic

#: Half of the promised time, so that the log cleaner has the other half. Kafka closes a segment at this age only when a record
#: is appended to its partition: a partition without new records keeps its last segment.
COMPACTION = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.1",
    "max.compaction.lag.ms": str(ERASED_WITHIN_MS // 2),
    "segment.ms": str(ERASED_WITHIN_MS // 4),
}

#: The identity of the log itself (DESIGN, exactly-once effects, point 7) with the time zone of the deployment; then the time
#: zones that have replaced it (`makersync.broker.deployment_zone`).
LOG_IDENTITY_TOPIC = "makersync.log.v1"
IDENTITY = TopicPartition(LOG_IDENTITY_TOPIC, 0)
NOT_SET_UP = f"{LOG_IDENTITY_TOPIC} is empty: this log was not set up; create the topics first"
#: Deleting and creating topics may have to be repeated while clients keep asking for them.
MOST_ATTEMPTS = 10
#: How long a process that did not create the identity topic waits for the one that did to write the identity.
CREATOR_S = 8.0
ANSWER_S = 5.0
#: Records of the identity topic that are read at once; it hardly ever has more than one.
AT_ONCE = 100


async def ensure_topics(broker: Broker, topics: Iterable[Topic], settings: Settings) -> frozenset[str]:
    """Create the topics that do not exist, and give the log its identity; returns the topics created.

    Safe to repeat, and in a cluster to run in several processes at once; the embedded broker has one supervisor. Existing
    topics are not changed; `check_topics` checks them.
    """
    specs = [TopicSpec(topic.name, expected_partitions(topic, settings), COMPACTION) for topic in topics]
    identity = TopicSpec(LOG_IDENTITY_TOPIC, 1, COMPACTION)
    if settings.profile == "embedded":
        created = await _create_in_a_forgetful_broker(broker, [*specs, identity])
    else:
        created = await broker.create_topics([*specs, identity])
    await _ensure_identity(broker, settings.time_zone, is_creator=LOG_IDENTITY_TOPIC in created)
    return created


async def _create_in_a_forgetful_broker(broker: Broker, specs: Sequence[TopicSpec]) -> frozenset[str]:
    """Create topics in the embedded broker, which creates a topic for any client that asks for it, with its own number of
    partitions.

    It also accepts records for topics that it does not have, from producers that remember an earlier log. A topic that is
    created later hides those records, and some clients then read other records at the same offsets than others do. So until the
    log has an identity, each topic is created, deleted together with hidden records, and created again. Services that recognise
    the new log publish their events again.
    """
    created: set[str] = set()
    names = [spec.name for spec in specs]
    for _ in range(MOST_ATTEMPTS):
        if not await _has_identity(broker):
            await broker.create_topics(specs)
            await broker.delete_topics(names)
        created |= await broker.create_topics(specs)
        found = await broker.partitions(names)
        if all(found.get(spec.name) == spec.partitions for spec in specs):
            break
    return frozenset(created)


async def _has_identity(broker: Broker) -> bool:
    exists = await broker.partitions([LOG_IDENTITY_TOPIC])
    return bool(exists) and not await _identity_is_absent(broker)


def expected_partitions(topic: Topic, settings: Settings) -> int:
    return settings.partitions if topic.by_region else 1


async def check_topics(broker: Broker, topics: Iterable[Topic], settings: Settings) -> None:
    """Raises TopicsMissing if a topic is unusable, with what was expected, what was found and the remedy."""
    if stopping := [each for each in await judge_topics(broker, topics, settings, leniently=True) if each.stops]:
        raise TopicsMissing("; ".join(map(str, stopping)))


async def judge_topics(
    broker: Broker, topics: Iterable[Topic], settings: Settings, leniently: bool = False
) -> list[TopicProblem]:
    """Everything that is wrong with the topics. Raises RightsMissing, unless `leniently`: then settings that this user may not
    read are not checked."""
    expected = {topic.name: expected_partitions(topic, settings) for topic in topics}
    counts, settings_by_topic = await broker.partitions(list(expected)), {}
    try:
        settings_by_topic = dict(await broker.settings_of(list(expected)))
    except RightsMissing:
        if not leniently:
            raise
    return [
        each
        for name, count in expected.items()
        for each in topic_problems(name, count, counts.get(name), settings_by_topic.get(name, {}), settings.broker_address)
    ]


async def read_log_id(broker: Broker) -> str:
    """The identity of the log, which is its first record. Raises TopicsMissing if it has none yet, and BrokerAway."""
    tail = await broker.tail([LOG_IDENTITY_TOPIC])
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _first_log_id(broker, tail)
    except TimeoutError as error:
        raise BrokerAway(f"{LOG_IDENTITY_TOPIC} was not read within {ANSWER_S:g} s") from error
    finally:
        await tail.close()


async def identity_records(broker: Broker) -> Sequence[Record]:
    """Every record of the identity topic, the identity first. Raises TopicsMissing if it has none yet, and BrokerAway."""
    tail = await broker.tail([LOG_IDENTITY_TOPIC])
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _read_to_the_end(broker, tail)
    except TimeoutError as error:
        raise BrokerAway(f"{LOG_IDENTITY_TOPIC} was not read within {ANSWER_S:g} s") from error
    finally:
        await tail.close()


async def _read_to_the_end(broker: Broker, tail: Tail) -> Sequence[Record]:
    _, end = (await broker.bounds([LOG_IDENTITY_TOPIC])).get(IDENTITY, (0, 0))
    found: list[Record] = []
    while tail.position(IDENTITY) < end:
        found += (await tail.fetch(AT_ONCE, timeout_s=0.2)).get(IDENTITY, ())
    if not found:
        raise TopicsMissing(NOT_SET_UP)
    return found


async def _first_log_id(broker: Broker, tail: Tail) -> str:
    while not (fetched := await tail.fetch(1, timeout_s=0.2)):
        if await _identity_is_absent(broker):
            raise TopicsMissing(NOT_SET_UP)
    return _parse_identity(fetched[IDENTITY][0].value)


def _parse_identity(value: bytes | None) -> str:
    try:
        log_id = orjson.loads(value or b"")["log_id"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise OperatorError(f"the first record of {LOG_IDENTITY_TOPIC} is not a log's identity") from error
    return str(log_id)


async def _ensure_identity(broker: Broker, time_zone: str, *, is_creator: bool) -> None:
    patience_s = 0.0 if is_creator else CREATOR_S
    while await _identity_is_absent(broker):
        if patience_s <= 0:
            await _write_identity(broker, time_zone)
            return
        await asyncio.sleep(0.1)
        patience_s -= 0.1


async def _identity_is_absent(broker: Broker) -> bool:
    bounds = (await broker.bounds([LOG_IDENTITY_TOPIC])).get(IDENTITY)
    if bounds is None:
        raise TopicsMissing(f"{LOG_IDENTITY_TOPIC} was deleted while it was looked at; run this again")
    first, end = bounds
    return first == end


async def _write_identity(broker: Broker, time_zone: str) -> None:
    """The key is the id itself: if two processes write after all, compaction keeps both records, and the first remains the
    identity."""
    log_id = uuid4().hex
    producer = await broker.producer()
    try:
        identity = orjson.dumps({"log_id": log_id, "time_zone": time_zone})
        await producer.publish([Outgoing(LOG_IDENTITY_TOPIC, 0, log_id.encode(), identity)], deadline_s=ANSWER_S)
    finally:
        await producer.close()
