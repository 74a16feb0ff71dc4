"""What topics end with: of every key the newest record that can be read, and the newest version that anything tells."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from makersync.broker.port import Broker, Record, Tail, TopicPartition
from makersync.effects.own_topics import Key
from makersync.effects.reading import Reader, Reading, Received
from makersync.envelope import SealedEvent, Unreadable, decode_sealed
from makersync.topic import Topic, partition_of

#: Told (records read, records that the topics hold at most).
Progress = Callable[[int, int], None]
FETCH, WAIT_S = 5000, 1.0


@dataclass(slots=True)
class KeyLog:
    """One key. `told` is the highest version of any of its records, readable or not; `newest` the readable record with the
    highest version, the first one where several tell the same, for that is what readers took; `contradicted` says that another
    event tells that version too; `final` is a record that ended the subject for good, whatever came after it;
    `unread` the last record that cannot be read and that nothing newer has replaced, with the reason."""

    told: int = 0
    version: int = 0
    newest: Record | None = None
    contradicted: bool = False
    final: Record | None = None
    unread: tuple[Record, Unreadable, int] | None = None

    @property
    def word(self) -> tuple[Record, int] | None:
        """What it comes to, with the version: what readers took; or what nobody could read, if it tells a version at all."""
        if self.newest is not None:
            return self.newest, self.version
        return None if self.unread is None or not self.unread[2] else (self.unread[0], self.unread[2])

    @property
    def is_sound(self) -> bool:
        """Whether what readers take is what the key's highest version says, and nothing else."""
        return self.newest is not None and self.told == self.version and not self.contradicted


@dataclass(slots=True)
class LogReading:
    """Everything that some topics hold. `partitions` is how many every topic by region has, as configured; `positions` is how
    far each partition was read. `misplaced` are records that lie in another partition than their key's: they tell nothing of
    any key."""

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
            told = _version_told(record, error)
            key.told = max(key.told, told)
            key.unread = (record, error, told)
            return
        version = received.event.version
        key.told = max(key.told, version)
        if version > key.version:
            key.newest, key.version, key.contradicted = record, version, False
        elif version == key.version and key.newest is not None:
            key.contradicted |= received.event.id != self.read(key.newest).event.id
        if received.event.type in self.final_types:
            key.final = record
        if key.unread is not None and version >= key.unread[2]:
            key.unread = None

    def note(self, topic: str, key: str, version: int, event_id: str) -> None:
        """What the log is known to have told, although it may have been compacted since: readers remember it."""
        told = self.keys.setdefault((topic, key), KeyLog())
        told.told = max(told.told, version)
        if told.newest is not None and version == told.version:
            told.contradicted |= self.read(told.newest).event.id != event_id

    def _is_in_place(self, record: Record) -> bool:
        region = (record.key or b"").decode(errors="replace").partition("/")[0]
        count = self.partitions if self.readers[record.topic].topic.by_region else 1
        return partition_of(region, count) == record.partition

    def read(self, record: Record) -> Received[Reading]:
        """Raises Unreadable."""
        return self.readers[record.topic].read(record, self.partitions)

    def is_end(self, topic: str, event: SealedEvent) -> bool:
        """Whether the event says that its subject has ended."""
        return event.type in self.readers[topic].topic.ends

    def newest_of(self, topic: str) -> Iterator[tuple[str, KeyLog, Received[Reading]]]:
        """The keys of a topic that say something, in order, with what they say."""
        for (name, key), told in sorted(self.keys.items(), key=lambda each: each[0]):
            if name == topic and told.newest is not None:
                yield key, told, self.read(told.newest)


def own_readers(topics: Sequence[Topic]) -> dict[str, Reader]:
    """How the owner of topics reads them: by the contract that it writes them by."""
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
    """Everything that the topics hold now. The end is reached where the client says so: the last offset may have no record."""
    found = LogReading(readers, partitions, final_types)
    tail = await broker.tail(sorted(readers))
    try:
        await read_on(found, broker, tail, progress)
    finally:
        await tail.close()
    return found


async def read_on(found: LogReading, broker: Broker, tail: Tail, progress: Progress | None = None) -> None:
    """From where the tail stands to what is the end now."""
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


def _version_told(record: Record, error: Unreadable) -> int:
    """Of an event that breaks its contract; what is no event of the key tells no version of it."""
    if error.reason == "wrong_key":
        return 0
    try:
        return decode_sealed(record.value).version
    except Unreadable:
        return 0
