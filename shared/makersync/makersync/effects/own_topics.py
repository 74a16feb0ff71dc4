"""What the records of a service's own topics tell of their keys, whoever wrote them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from makersync.broker.port import Record, TopicPartition
from makersync.envelope import Unreadable, decode_sealed
from makersync.topic import partition_of

Key = tuple[str, str]
"""Topic and key."""


@dataclass(frozen=True, slots=True)
class OwnTopics:
    """The topics that one service alone writes. `partitions` is the configured number of each, as readers have it: by what the
    broker says now, partitions that were added would misplace every key. `when_lost` is what brings back a store that holds
    nothing, where that is not its reconciliation."""

    service: str
    partitions: Mapping[str, int]
    when_lost: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.partitions)


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One record: its key's version and event, or version 0 with the reason why nobody can read it.

    `in_place` is false where the key belongs to another partition, or is none: such a record tells nothing of any key.
    """

    topic: str
    partition: int
    offset: int
    key: str
    version: int
    event_id: str = ""
    reason: str | None = None
    in_place: bool = True

    @property
    def topic_key(self) -> Key:
        return self.topic, self.key

    @property
    def at(self) -> TopicPartition:
        return TopicPartition(self.topic, self.partition)


def own_records(records: Iterable[Record], own: OwnTopics) -> list[OwnRecord]:
    return [_told(record, own.partitions[record.topic]) for record in records]


def _told(record: Record, partitions: int) -> OwnRecord:
    at, key = (record.topic, record.partition, record.offset), (record.key or b"").decode(errors="replace")
    if partition_of(key.partition("/")[0], partitions) != record.partition:
        return OwnRecord(*at, key, 0, reason="wrong_partition", in_place=False)
    try:
        event = decode_sealed(record.value)
    except Unreadable as error:
        return OwnRecord(*at, key, 0, reason=error.reason)
    if key != f"{event.partitionkey}/{event.subject}":
        return OwnRecord(*at, key, 0, reason="wrong_key")
    return OwnRecord(*at, key, event.version, event.id)
