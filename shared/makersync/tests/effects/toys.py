"""A toy: one service sets left and right halves of subjects; another joins them and publishes every pair that changes. Here are
their topics and events."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from makersync.broker.port import Outgoing, Record, TopicPartition, TopicSpec
from makersync.clock import ManualClock
from makersync.effects.outbox import NewEvent, Outbox
from makersync.effects.own_topics import OwnTopics
from makersync.envelope import Event, decode, encode
from makersync.topic import Topic, WireModel, partition_of
from makersync.tracing import Trace

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PARTITIONS = 4
#: Regions of partitions 0 to 3.
REGIONS = tuple(next(f"r{n}" for n in range(99) if partition_of(f"r{n}", PARTITIONS) == number) for number in range(PARTITIONS))
LEFT_HALF, RIGHT_HALF = "left", "right"
#: Subjects of different regions.
ANN, BOB, EVE = f"{REGIONS[0]}/ann", f"{REGIONS[1]}/bob", f"{REGIONS[2]}/eve"


class HalfState(WireModel):
    subject: str
    value: int


class HalfEnded(WireModel):
    subject: str


class PairState(WireModel):
    subject: str
    left: int | None = None
    right: int | None = None


def _topic(name: str, **types: type[WireModel]) -> Topic:
    owner = name.partition(".")[0]
    named = MappingProxyType({f"{owner}.{kind}": model for kind, model in types.items()})
    return Topic(name, owner, None, "", named, dict.fromkeys(named, "{subject}"))


LEFT = _topic("halves.left.v1", HalfSet=HalfState, HalfEnded=HalfEnded)
RIGHT = _topic("halves.right.v1", HalfSet=HalfState, HalfEnded=HalfEnded)
PAIR = _topic("pairs.pair.v1", PairChanged=PairState)
HALVES: Mapping[str, Topic] = {LEFT_HALF: LEFT, RIGHT_HALF: RIGHT}


def own_topics(service: str, *topics: Topic, when_lost: str = "") -> OwnTopics:
    return OwnTopics(service, {topic.name: PARTITIONS for topic in topics}, when_lost)


def half_event(side: str, key: str, version: int, value: int | None) -> NewEvent:
    region, _, subject = key.partition("/")
    if value is None:
        return NewEvent(HALVES[side], "HalfEnded", subject, region, version, HalfEnded(subject=subject))
    return NewEvent(HALVES[side], "HalfSet", subject, region, version, HalfState(subject=subject, value=value))


def toy_outbox(name: str, clock: ManualClock) -> Outbox:
    return Outbox(f"/toys/{name}", clock, PARTITIONS)


def envelope(side: str, key: str, version: int, value: int | None = 1) -> Event:
    """The event as the halves' service writes it."""
    outbox = toy_outbox("halves", ManualClock(NOW))
    return decode(encode(outbox._sealed(half_event(side, key, version, value), NOW, Trace())))


def outgoing(side: str, key: str, version: int, value: int | None = 1) -> Outgoing:
    event = envelope(side, key, version, value)
    return Outgoing(HALVES[side].name, partition_of(event.partitionkey, PARTITIONS), key.encode(), encode(event))


TOPICS = [TopicSpec(LEFT.name, PARTITIONS), TopicSpec(RIGHT.name, PARTITIONS), TopicSpec(PAIR.name, PARTITIONS)]


def last_of_each_key(records: Sequence[Record]) -> dict[str, int]:
    """What compaction would keep: the version of each key's last record."""
    return {(record.key or b"").decode(): decode(record.value).version for record in records}


def at(side: str, number: int) -> TopicPartition:
    return TopicPartition(HALVES[side].name, number)


def pass_time(clock: ManualClock, seconds: float) -> None:
    clock.move_to(clock.now() + timedelta(seconds=seconds))
