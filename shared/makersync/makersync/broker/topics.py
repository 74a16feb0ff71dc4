"""The topics that Makersync needs, and the identity of the log they are in (DESIGN, exactly-once effects, point 7)."""

import asyncio
from collections.abc import Iterable, Sequence
from uuid import uuid4

import orjson

from makersync.broker.port import Broker, BrokerAway, Outgoing, RightsMissing, Tail, TopicPartition, TopicsMissing, TopicSpec
from makersync.broker.topic_shape import ERASED_WITHIN_MS, Misfit, misfits
from makersync.errors import OperatorError
from makersync.settings import Settings
from makersync.topic import Topic

#: Half of the promise, so that the cleaner has the other half to get round. Kafka closes a segment at this age only when
#: a record is appended to its partition: a partition that nobody writes to keeps its last segment as it is.
COMPACTION = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.1",
    "max.compaction.lag.ms": str(ERASED_WITHIN_MS // 2),
    "segment.ms": str(ERASED_WITHIN_MS // 4),
}

#: One record: the identity of the log itself (DESIGN, exactly-once effects, point 7).
LOG_IDENTITY_TOPIC = "makersync.log.v1"
IDENTITY = TopicPartition(LOG_IDENTITY_TOPIC, 0)
#: Deleting and creating again may have to be repeated while clients keep asking.
MOST_ATTEMPTS = 10
#: How long one who did not create the identity topic leaves the writing to the one who did.
CREATOR_S = 2.0
ANSWER_S = 5.0


async def ensure_topics(broker: Broker, topics: Iterable[Topic], settings: Settings) -> frozenset[str]:
    """Create what does not exist and give the log its identity; returns the topics created.

    Safe to run again and by several at once. Existing topics are left as they are: `check_topics` judges them.
    """
    specs = [TopicSpec(topic.name, expected_partitions(topic, settings), COMPACTION) for topic in topics]
    identity = TopicSpec(LOG_IDENTITY_TOPIC, 1, COMPACTION)
    if settings.profile == "embedded":
        created = await _create_in_a_forgetful_broker(broker, [*specs, identity])
    else:
        created = await broker.create_topics([*specs, identity])
    await _ensure_identity(broker, is_creator=LOG_IDENTITY_TOPIC in created)
    return created


async def _create_in_a_forgetful_broker(broker: Broker, specs: Sequence[TopicSpec]) -> frozenset[str]:
    """The embedded broker makes a topic for whoever asks after it, with a number of partitions of its own; and it takes records
    of topics that it does not have, from producers that remember an earlier log.

    A topic that is made afterwards hides such records, and then what it takes at the same offsets is read by some and not by
    others. So until the log has an identity each topic is made, deleted with all that it hides, and made again; what was in it
    is published again by services that recognise the new log.
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
    """Raises TopicsMissing, with what was expected, what was found and what mends it, where nobody could work with a topic."""
    if stopping := [misfit for misfit in await judge_topics(broker, topics, settings, leniently=True) if misfit.stops]:
        raise TopicsMissing("; ".join(map(str, stopping)))


async def judge_topics(broker: Broker, topics: Iterable[Topic], settings: Settings, leniently: bool = False) -> list[Misfit]:
    """Everything that is wrong with the topics. Raises RightsMissing, unless `leniently`: then settings that this user must not
    see are not judged."""
    expected = {topic.name: expected_partitions(topic, settings) for topic in topics}
    counts, told = await broker.partitions(list(expected)), {}
    try:
        told = dict(await broker.settings_of(list(expected)))
    except RightsMissing:
        if not leniently:
            raise
    return [
        misfit
        for name, count in expected.items()
        for misfit in misfits(name, count, counts.get(name), told.get(name, {}), settings.broker_address)
    ]


async def read_log_id(broker: Broker) -> str:
    """The identity of the log: its first record. Raises TopicsMissing when it has none yet, BrokerAway."""
    tail = await broker.tail([LOG_IDENTITY_TOPIC])
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _first_log_id(broker, tail)
    except TimeoutError as error:
        raise BrokerAway(f"{LOG_IDENTITY_TOPIC} was not read within {ANSWER_S:g} s") from error
    finally:
        await tail.close()


async def _first_log_id(broker: Broker, tail: Tail) -> str:
    while not (fetched := await tail.fetch(1, timeout_s=0.2)):
        if await _identity_is_absent(broker):
            raise TopicsMissing(f"{LOG_IDENTITY_TOPIC} is empty: this log was not set up; create the topics first")
    return _parse_identity(fetched[IDENTITY][0].value)


def _parse_identity(value: bytes | None) -> str:
    try:
        log_id = orjson.loads(value or b"")["log_id"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise OperatorError(f"the first record of {LOG_IDENTITY_TOPIC} is not a log's identity") from error
    return str(log_id)


async def _ensure_identity(broker: Broker, *, is_creator: bool) -> None:
    patience_s = 0.0 if is_creator else CREATOR_S
    while await _identity_is_absent(broker):
        if patience_s <= 0:
            await _write_identity(broker)
            return
        await asyncio.sleep(0.1)
        patience_s -= 0.1


async def _identity_is_absent(broker: Broker) -> bool:
    first, end = (await broker.bounds([LOG_IDENTITY_TOPIC]))[IDENTITY]
    return first == end


async def _write_identity(broker: Broker) -> None:
    """Keyed by the id itself: should two write after all, compaction keeps both, and the first stays the identity."""
    log_id = uuid4().hex
    producer = await broker.producer()
    try:
        identity = Outgoing(LOG_IDENTITY_TOPIC, 0, log_id.encode(), orjson.dumps({"log_id": log_id}))
        await producer.publish([identity], deadline_s=ANSWER_S)
    finally:
        await producer.close()
