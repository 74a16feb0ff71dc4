"""Reads the records of a service's own topics, whoever wrote them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from makersync.broker.port import Record, TopicPartition
from makersync.envelope import Unreadable, decode_sealed
from makersync.topic import partition_of

Key = tuple[str, str]
"""Topic and key."""


@dataclass(frozen=True, slots=True)
class OwnTopics:
    """The topics that only this service writes.

    `partitions` is the configured number of partitions of each topic, as readers use it. The broker's present number would
    misplace every key after partitions were added. `when_lost` describes how to restore an empty store, if not by
    reconciliation.
    """

    service: str
    partitions: Mapping[str, int]
    when_lost: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.partitions)


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One record: its key, version and event id; or version 0 with the reason why it cannot be read.

    `in_place` is false if the key belongs to another partition or is malformed; such a record counts for no key.
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
    return [_own_record(record, own.partitions[record.topic]) for record in records]


def _own_record(record: Record, partitions: int) -> OwnRecord:
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
