"""An in-memory broker: deterministic, without background tasks, and with controls for simulating faults.

It implements the same port as the Kafka adapter. A rebalance happens inside the call that causes it, so that a test sees it at
once.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from makersync.broker.memory_clients import MemoryMember, MemoryProducer, MemoryTail
from makersync.broker.memory_log import PartitionLog
from makersync.broker.port import (
    BrokerAway,
    Outgoing,
    Progress,
    Record,
    RecordRefused,
    TopicPartition,
    TopicSetting,
    TopicsMissing,
    TopicSpec,
)
from makersync.clock import Clock, WallClock


class MemoryBroker:
    """The log, its groups, and a test's controls: `stop_answering`, `expel`, `lose_leader`, `leave_gap`, `drop_before`,
    `drop_from`, `replace`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or WallClock()
        self._logs: dict[TopicPartition, PartitionLog] = {}
        self._counts: dict[str, int] = {}
        self._settings: dict[str, dict[str, TopicSetting]] = {}
        self._groups: dict[str, list[MemoryMember]] = {}
        self._leaderless: set[str] = set()
        self._progress: dict[str, dict[TopicPartition, Progress]] = {}
        self._answers = True
        #: Returns the reason for which a record is permanently refused, or None if it is accepted.
        self.refusal: Callable[[Outgoing], str | None] = lambda _record: None
        self._changed = asyncio.Event()

    async def producer(self) -> MemoryProducer:
        self.check_answers()
        return MemoryProducer(self)

    async def join(self, group: str, topics: Sequence[str]) -> MemoryMember:
        self._check_topics(topics)
        member = MemoryMember(self, group, topics)
        self._groups.setdefault(group, []).append(member)
        self._rebalance(group)
        return member

    async def tail(self, topics: Sequence[str]) -> MemoryTail:
        self._check_topics(topics)
        return MemoryTail(self, {partition: first for partition, (first, _) in self._bounds(topics).items()})

    async def create_topics(self, topics: Sequence[TopicSpec]) -> frozenset[str]:
        self.check_answers()
        absent = {spec.name: spec.partitions for spec in topics if spec.name not in self._counts}
        self._counts.update(absent)
        for spec in topics:
            if spec.name in absent:
                self._settings[spec.name] = {name: TopicSetting(value, is_own=True) for name, value in spec.config.items()}
        for name in absent:
            self._logs.update({partition: PartitionLog() for partition in self._partitions_of(name)})
        for group in self._groups if absent else ():
            self._rebalance(group)
        return frozenset(absent)

    async def delete_topics(self, topics: Sequence[str]) -> None:
        self.check_answers()
        gone = {name: self._partitions_of(name) for name in topics if name in self._counts}
        for name, partitions in gone.items():
            del self._counts[name]
            for partition in partitions:
                del self._logs[partition]
        for group in self._groups if gone else ():
            self._rebalance(group)

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        self.check_answers()
        return {topic: self._counts[topic] for topic in topics if topic in self._counts}

    async def settings_of(self, topics: Sequence[str]) -> Mapping[str, Mapping[str, TopicSetting]]:
        self.check_answers()
        return {name: dict(self._settings.get(name, {})) for name in topics if name in self._counts}

    async def bounds(self, topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        self.check_answers()
        return self._bounds(topics)

    async def progress(self, group: str) -> Mapping[TopicPartition, Progress]:
        self.check_answers()
        return dict(self._progress.get(group, {}))

    async def close(self) -> None:
        """The log stays, and the broker can be used again."""

    def set(self, topic: str, name: str, value: str) -> None:
        """Set a topic's setting, as an operator's tool does."""
        self._settings.setdefault(topic, {})[name] = TopicSetting(value, is_own=True)

    def stop_answering(self) -> None:
        """From now on every call raises BrokerAway, as if no broker were running."""
        self._answers = False
        self._wake()

    def start_answering(self) -> None:
        self._answers = True
        self._wake()

    def expel(self, member: MemoryMember) -> None:
        """Remove a member from its group, as after a pause longer than its session: the others take its partitions, and it
        keeps its old assignment until `readmit`."""
        members = self._groups.get(member.group, [])
        if member in members:
            members.remove(member)
            self._leaderless.discard(member.group)
            self._rebalance(member.group)

    def readmit(self, member: MemoryMember) -> None:
        """Let an expelled member notice and join again: it gets a new generation, possibly with the same partitions."""
        members = self._groups.setdefault(member.group, [])
        if member not in members:
            members.append(member)
        self._rebalance(member.group)

    def lose_leader(self, group: str) -> None:
        """Assign nothing in this group until another member leaves, as the embedded broker does if all members have left at
        once."""
        self._leaderless.add(group)
        self._rebalance(group)

    def add_partitions(self, topic: str, count: int) -> None:
        """Increase the topic's partitions to `count`, as an operator can while services run; no group rebalances."""
        self._counts[topic] = count
        for partition in self._partitions_of(topic):
            self._logs.setdefault(partition, PartitionLog())

    def leave_gap(self, partition: TopicPartition, offsets: int = 1) -> None:
        """Append offsets without a record to a partition, as transaction markers and aborted transactions do."""
        self._logs[partition].places.extend([None] * offsets)
        self._wake()

    def drop_before(self, partition: TopicPartition, offset: int) -> None:
        """Delete the beginning of a partition, as retention does."""
        log = self._logs[partition]
        log.places = log.places[offset - log.first :]
        log.first = offset
        self._wake()

    def drop_from(self, partition: TopicPartition, offset: int) -> None:
        """Delete the end of a partition, as restoring a backup does."""
        log = self._logs[partition]
        del log.places[offset - log.first :]
        self._wake()

    def replace(self) -> None:
        """Forget every topic, like a restarted broker that keeps its log in memory: members join the new one and hold
        nothing."""
        self._logs.clear()
        self._counts.clear()
        self._progress.clear()
        for group in self._groups:
            self._rebalance(group)
        self._wake()

    def records(self, topic: str) -> list[Record]:
        """Everything that a topic holds, by partition and offset."""
        return [record for partition in self._partitions_of(topic) for record in self._logs[partition].records]

    def check_answers(self) -> None:
        if not self._answers:
            raise BrokerAway("no broker answers at memory")

    def append(self, records: Sequence[Outgoing]) -> None:
        self.check_answers()
        for record in records:
            if (reason := self.refusal(record)) is not None:
                raise RecordRefused(reason)
            self._append(record)
        self._wake()

    def end(self, partition: TopicPartition) -> int:
        """The offset after the last record."""
        return self._log(partition).end

    def check_offset(self, partition: TopicPartition, offset: int) -> None:
        """Raises OffsetUnknown if the partition does not reach `offset`."""
        self.check_answers()
        self._log(partition).check(partition, offset)

    async def read(
        self, positions: dict[TopicPartition, int], max_records: int, timeout_s: float
    ) -> Mapping[TopicPartition, Sequence[Record]]:
        """Take the available records and advance `positions`; if there are none, wait for them up to `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (taken := self._take(positions, max_records)):
                    await self._changed.wait()
                return taken
        except TimeoutError:
            return {}

    def note(self, group: str, progress: Mapping[TopicPartition, Progress]) -> None:
        self._progress.setdefault(group, {}).update(progress)

    def _append(self, record: Outgoing) -> None:
        partition = TopicPartition(record.topic, record.partition)
        if partition not in self._logs:
            raise BrokerAway(f"{record.topic}[{record.partition}] does not exist")
        log = self._logs[partition]
        timestamp_ms = int(self._clock.now().timestamp() * 1000)
        log.places.append(Record(record.topic, record.partition, log.end, record.key, record.value, timestamp_ms))

    def _take(self, positions: dict[TopicPartition, int], max_records: int) -> dict[TopicPartition, Sequence[Record]]:
        self.check_answers()
        for partition, offset in positions.items():
            self.check_offset(partition, offset)
        taken: dict[TopicPartition, Sequence[Record]] = {}
        for partition in sorted(positions):
            records, positions[partition] = self._log(partition).read(positions[partition], max_records)
            if records:
                taken[partition] = records
                max_records -= len(records)
        return taken

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _check_topics(self, topics: Iterable[str]) -> None:
        self.check_answers()
        if absent := [topic for topic in topics if topic not in self._counts]:
            raise TopicsMissing(f"no topic {', '.join(absent)}")

    def _log(self, partition: TopicPartition) -> PartitionLog:
        """An absent partition reads as an empty one, in which only the first position is valid."""
        return self._logs.get(partition) or PartitionLog()

    def _partitions_of(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for number in range(self._counts.get(topic, 0))]

    def _bounds(self, topics: Iterable[str]) -> dict[TopicPartition, tuple[int, int]]:
        found = [partition for topic in topics for partition in self._partitions_of(topic)]
        return {partition: (self._logs[partition].first, self._logs[partition].end) for partition in found}

    def _rebalance(self, group: str) -> None:
        members = self._groups[group]
        for member in members:
            if group in self._leaderless:
                member.revoke()
            else:
                member.assign(at for topic in member.topics for at in self._range_of(topic, member, members))
        self._wake()

    def _range_of(self, topic: str, member: MemoryMember, members: list[MemoryMember]) -> list[TopicPartition]:
        """Kafka's range assignment: contiguous numbers, of which the first members get one more, so that co-partitioned topics
        stay together."""
        readers = [other for other in members if topic in other.topics]
        partitions = self._partitions_of(topic)
        each, extra = divmod(len(partitions), len(readers))
        place = readers.index(member)
        start = each * place + min(place, extra)
        return partitions[start : start + each + (1 if place < extra else 0)]
