"""Reads topics to their end: the newest readable record of every key, and the highest version that any record carries."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from makersync.broker.port import Broker, Record, Tail, TopicPartition
from makersync.effects.own_topics import Key
from makersync.effects.reading import Reader, Reading, Received
from makersync.envelope import SealedEvent, Unreadable, decode_sealed
from makersync.topic import Topic, partition_of

#: Called with the number of records read, and the number that the topics hold at most.
Progress = Callable[[int, int], None]
FETCH, WAIT_S = 5000, 1.0


@dataclass(slots=True)
class KeyLog:
    """What the log holds for one key.

    `highest_version` is that of any of its records, readable or not. `newest` is the readable record with the highest
    version; of several with the same version it is the first, which is the one that readers applied. `contradicted` says that
    another event carries that version too. `final` is a record that ended the subject for good, whatever followed. `unread` is
    the last unreadable record that nothing newer has replaced, with the error and its version.
    """

    highest_version: int = 0
    version: int = 0
    newest: Record | None = None
    contradicted: bool = False
    final: Record | None = None
    unread: tuple[Record, Unreadable, int] | None = None

    @property
    def adoptable(self) -> tuple[Record, int] | None:
        """The record that the store can adopt for the key, with its version: the one that readers applied, or else an
        unreadable one that carries a version."""
        if self.newest is not None:
            return self.newest, self.version
        return None if self.unread is None or not self.unread[2] else (self.unread[0], self.unread[2])

    @property
    def is_sound(self) -> bool:
        """Whether readers end with the key's highest version, and only one event carries it."""
        return self.newest is not None and self.highest_version == self.version and not self.contradicted


@dataclass(slots=True)
class LogReading:
    """The content of some topics.

    `partitions` is the configured number of partitions of every topic by region; `positions` is how far each partition was
    read. `misplaced` are records in a partition that their key does not belong to; they count for no key.
    """

    readers: Mapping[str, Reader]
    partitions: int
    final_types: Collection[str] = ()
    keys: dict[Key, KeyLog] = field(default_factory=dict)
    positions: dict[TopicPartition, int] = field(default_factory=dict)
    misplaced: list[Record] = field(default_factory=list)

    def add(self, record: Record) -> None:
        if not self._is_in_place(record):
            self.misplaced.append(record)
            return
        key = self.keys.setdefault((record.topic, (record.key or b"").decode(errors="replace")), KeyLog())
        try:
            received = self.read(record)
        except Unreadable as error:
            version = _version_in(record, error)
            key.highest_version = max(key.highest_version, version)
            key.unread = (record, error, version)
            return
        version = received.event.version
        key.highest_version = max(key.highest_version, version)
        if version > key.version:
            key.newest, key.version, key.contradicted = record, version, False
        elif version == key.version and key.newest is not None:
            key.contradicted |= received.event.id != self.read(key.newest).event.id
        if received.event.type in self.final_types:
            key.final = record
        if key.unread is not None and version >= key.unread[2]:
            key.unread = None

    def note(self, topic: str, key: str, version: int, event_id: str) -> None:
        """Add a version that the log is known to have held, even if it has been compacted since: readers remember it."""
        logged = self.keys.setdefault((topic, key), KeyLog())
        logged.highest_version = max(logged.highest_version, version)
        if logged.newest is not None and version == logged.version:
            logged.contradicted |= self.read(logged.newest).event.id != event_id

    def _is_in_place(self, record: Record) -> bool:
        region = (record.key or b"").decode(errors="replace").partition("/")[0]
        count = self.partitions if self.readers[record.topic].topic.by_region else 1
        return partition_of(region, count) == record.partition

    def read(self, record: Record) -> Received[Reading]:
        """Raises Unreadable."""
        return self.readers[record.topic].read(record, self.partitions)

    def is_end(self, topic: str, event: SealedEvent) -> bool:
        """Whether this event type ends its subject."""
        return event.type in self.readers[topic].topic.ends

    def newest_of(self, topic: str) -> Iterator[tuple[str, KeyLog, Received[Reading]]]:
        """The keys of a topic that have a readable record, in order, each with its newest event."""
        for (name, key), logged in sorted(self.keys.items(), key=lambda each: each[0]):
            if name == topic and logged.newest is not None:
                yield key, logged, self.read(logged.newest)


def own_readers(topics: Sequence[Topic]) -> dict[str, Reader]:
    """Readers for topics read by their owner, which uses the contract that it writes them with."""
    return {
        topic.name: Reader(topic, {name.removeprefix(f"{topic.owner}."): model for name, model in topic.types.items()})
        for topic in topics
    }


async def read_log(
    broker: Broker,
    readers: Mapping[str, Reader],
    partitions: int,
    final_types: Collection[str] = (),
    progress: Progress | None = None,
) -> LogReading:
    """Read everything that the topics hold now. The client's position marks the end, because the last offset may hold no
    record."""
    found = LogReading(readers, partitions, final_types)
    tail = await broker.tail(sorted(readers))
    try:
        await read_on(found, broker, tail, progress)
    finally:
        await tail.close()
    return found


async def read_on(found: LogReading, broker: Broker, tail: Tail, progress: Progress | None = None) -> None:
    """Read from the tail's position to the present end."""
    bounds, count = await broker.bounds(sorted(found.readers)), 0
    total = sum(end - start for start, end in bounds.values())
    while any(tail.position(at) < end for at, (_, end) in bounds.items()):
        for records in (await tail.fetch(FETCH, WAIT_S)).values():
            for record in records:
                found.add(record)
            count += len(records)
        if progress is not None:
            progress(min(count, total), total)
    found.positions = {at: tail.position(at) for at in bounds}


def _version_in(record: Record, error: Unreadable) -> int:
    """The version of an event that breaks its contract; 0 if the record is no event of this key."""
    if error.reason == "wrong_key":
        return 0
    try:
        return decode_sealed(record.value).version
    except Unreadable:
        return 0
