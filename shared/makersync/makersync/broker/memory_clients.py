"""Producers, members and tails of the in-memory broker."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from makersync.broker.port import Assignment, Outgoing, Progress, Record, TopicPartition


class Log(Protocol):
    """What a client needs from the in-memory broker."""

    def append(self, records: Sequence[Outgoing]) -> None: ...

    def check_answers(self) -> None: ...

    def check_offset(self, partition: TopicPartition, offset: int) -> None: ...

    def end(self, partition: TopicPartition) -> int: ...

    def expel(self, member: "MemoryMember") -> None: ...

    def note(self, group: str, progress: Mapping[TopicPartition, Progress]) -> None: ...

    async def read(
        self, positions: dict[TopicPartition, int], max_records: int, timeout_s: float
    ) -> Mapping[TopicPartition, Sequence[Record]]: ...


class MemoryProducer:
    def __init__(self, broker: Log) -> None:
        self._broker = broker

    async def publish(self, records: Sequence[Outgoing], deadline_s: float) -> None:
        self._broker.append(records)

    async def close(self) -> None:
        """Holds no resources."""


class MemoryMember:
    """`group` and `topics` are those it joined with; only the broker calls `assign` and `revoke`."""

    def __init__(self, broker: Log, group: str, topics: Sequence[str]) -> None:
        self._broker = broker
        self.group = group
        self.topics = tuple(topics)
        self._assignment = Assignment(0, frozenset(), is_pending=True)
        self._positions: dict[TopicPartition, int] = {}

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        self._assignment = Assignment(self._assignment.generation + 1, frozenset(partitions))
        self._positions.clear()

    def revoke(self) -> None:
        self._assignment = Assignment(self._assignment.generation + 1, frozenset(), is_pending=True)
        self._positions.clear()

    def assignment(self) -> Assignment:
        return self._assignment

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        self._broker.check_answers()
        if partition in self._assignment.partitions:
            self._broker.check_offset(partition, offset)
            self._positions[partition] = offset

    def pause(self, partition: TopicPartition) -> None:
        self._positions.pop(partition, None)

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        return await self._broker.read(self._positions, max_records, timeout_s)

    def position(self, partition: TopicPartition) -> int:
        return self._positions.get(partition, 0)

    def behind(self, offsets: Mapping[TopicPartition, int]) -> int:
        return sum(max(0, self._broker.end(at) - offset) for at, offset in offsets.items())

    async def note_progress(self, progress: Mapping[TopicPartition, Progress]) -> None:
        self._broker.note(self.group, progress)

    async def close(self) -> None:
        self._broker.expel(self)


class MemoryTail:
    def __init__(self, broker: Log, positions: dict[TopicPartition, int]) -> None:
        self._broker = broker
        self._positions = positions

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        self._broker.check_offset(partition, offset)
        self._positions[partition] = offset

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        return await self._broker.read(self._positions, max_records, timeout_s)

    def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    async def close(self) -> None:
        """Holds no resources."""
