"""What an auditor knows of the log that it reads: how far it was compared, and what a census waits for."""

from collections.abc import Mapping
from dataclasses import dataclass

from makersync.broker.port import Tail, TopicPartition
from makersync.effects.own_topics import Key, OwnRecord


@dataclass(frozen=True, slots=True)
class Census:
    """The keys whose newest published version was not their last record in the log so far, and the offsets up to which the log
    must be read before they can be judged."""

    suspects: Mapping[Key, int]
    ends: Mapping[TopicPartition, int]


@dataclass(slots=True)
class LogTail:
    """One auditor's tail. `ends` are the log's ends when the tail was opened; records before them may predate every running
    process."""

    tail: Tail
    ends: Mapping[TopicPartition, int]
    marks: dict[TopicPartition, int]
    newest_outbox: int

    def is_new(self, record: OwnRecord) -> bool:
        return record.offset >= self.marks.get(record.at, 0)

    def positions(self) -> dict[TopicPartition, int]:
        return {at: self.tail.position(at) for at in self.ends}
