"""The port between Makersync and an event log; its adapters are `broker.kafka` and `broker.memory`.

A *record* is bytes at (topic, partition, offset). Offsets increase within a partition but may have gaps without a record:
transaction markers, aborted transactions and compacted records. Records of an open transaction are not read, and do not count
towards the end, until it is committed. A *group* shares the partitions of its topics among its members. Topics with the same
number of partitions are co-partitioned: one member holds the same partition numbers of all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from makersync.errors import OperatorError, RetryLater


class BrokerAway(RetryLater):
    """No broker answers, or it did not answer in time."""


class BrokerNotReady(RetryLater):
    """A broker answers but cannot do what it was asked yet, for a reason that this port may not know; the message names it."""


class RightsMissing(RetryLater):
    """The broker's access control lists do not allow this user the request; the message names the right and the command that
    grants it. The caller keeps trying until it is granted."""


class CodecUnknown(RetryLater):
    """A record uses a compression codec that this process cannot read."""


class RecordRefused(Exception):
    """The broker permanently refuses a record, as too large or invalid. Of several records, only publishing each alone shows
    which."""


class BrokerRefused(OperatorError):
    """The broker permanently refuses a request, because of a wrong password or an unacceptable setting."""


class OffsetUnknown(Exception):
    """A position lies outside the log, which must have been truncated or replaced."""


class TopicsMissing(OperatorError):
    """A topic that the service needs does not exist, or has the wrong number of partitions."""


@dataclass(frozen=True, slots=True, order=True)
class TopicPartition:
    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read. `timestamp_ms` was set by the broker or the producer, in milliseconds since 1970 UTC."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to write, with Kafka's record headers (name, value)."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic to create; `config` is its Kafka configuration."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicSetting:
    """The effective value of a topic's setting; `is_own` says that it was set on the topic rather than inherited from the
    broker."""

    value: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """The partitions that a member holds.

    `generation` grows with every rebalance that the member learns of, even if the same partitions are assigned again, because
    another member may have held them in between. During a rebalance the member holds nothing. `is_pending`: the group has not
    assigned its partitions yet. A member that holds nothing without `is_pending` is surplus.
    """

    generation: int
    partitions: frozenset[TopicPartition]
    is_pending: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a group has come in a partition, as a member noted it: the next offset, and a remark of the member's."""

    offset: int
    remark: str = ""


class Producer(Protocol):
    """Writes records that all replicas acknowledge."""

    async def publish(self, records: Sequence[Outgoing], deadline_s: float) -> None:
        """Write all records, pipelined, in the given order within each partition.

        Raises BrokerAway if any record was not acknowledged within `deadline_s` (including for a topic that does not exist),
        BrokerNotReady if a broker answers but does not accept it yet, RightsMissing, BrokerRefused, and RecordRefused if one
        of the records can never be accepted. After any of these errors each record may or may not be in the log, and the
        producer must be closed and replaced.
        """
        ...

    async def close(self) -> None:
        """Never raises. Records that a failed `publish` left behind are dropped rather than sent later."""
        ...


class Member(Protocol):
    """A member of a consumer group. The caller manages positions: nothing is read before `seek`."""

    def assignment(self) -> Assignment:
        """The latest known assignment. A rebalance only records it; the consumer loop acts on it."""
        ...

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        """Continue reading at `offset`, which starts the flow of the partition. Raises OffsetUnknown if the log does not reach
        it.

        A partition that is not held, or no longer held, is ignored; see `assignment`.
        """
        ...

    def pause(self, partition: TopicPartition) -> None:
        """Stop reading a partition until the next `seek`. A partition that is not held is ignored."""
        ...

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        """The records that have arrived, in order per partition and `max_records` in all; empty after `timeout_s` or during a
        rebalance. Includes only partitions that are assigned, were sought and are not paused.

        Raises BrokerAway, BrokerNotReady, RightsMissing or CodecUnknown; the member continues where it was once the fault has
        passed. Raises OffsetUnknown if a position is no longer in the log.
        """
        ...

    def position(self, partition: TopicPartition) -> int:
        """The next offset to read after the last `fetch`: beyond all returned records and beyond gaps. 0 for a partition that
        is not read. Makes no request."""
        ...

    def behind(self, offsets: Mapping[TopicPartition, int]) -> int:
        """How many offsets lie beyond the given ones, as far as the last fetches showed. Makes no request."""
        ...

    async def note_progress(self, progress: Mapping[TopicPartition, Progress]) -> None:
        """Note at the broker how far this member has come; failures are ignored. No position follows from it."""
        ...

    async def close(self) -> None:
        """Leave the group, so that the others take over at once. Never raises."""
        ...


class Tail(Protocol):
    """A reader outside any group: it reads every partition of its topics from the first record on, or from a given position."""

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        """Continue reading at `offset`. Raises OffsetUnknown if the log does not reach it."""
        ...

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        """Like `Member.fetch`."""
        ...

    def position(self, partition: TopicPartition) -> int:
        """The offset of the next record to read."""
        ...

    async def close(self) -> None: ...


class Broker(Protocol):
    """An event log. Everything that it returns must be closed by the caller.

    Every call ends in bounded time. It raises BrokerAway if no broker answers, BrokerNotReady if one answers without doing
    what it was asked, RightsMissing if a right is missing, and BrokerRefused if the request can never succeed.
    """

    async def producer(self) -> Producer: ...

    async def join(self, group: str, topics: Sequence[str]) -> Member:
        """A new member, which holds nothing: its first assignment is pending. Raises TopicsMissing."""
        ...

    async def tail(self, topics: Sequence[str]) -> Tail:
        """Raises TopicsMissing."""
        ...

    async def create_topics(self, topics: Sequence[TopicSpec]) -> frozenset[str]:
        """Create the topics that do not exist; returns their names once they are usable. Existing topics are not changed."""
        ...

    async def delete_topics(self, topics: Sequence[str]) -> None:
        """Delete topics with their records; absent topics are ignored."""
        ...

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        """The number of partitions of each existing topic among `topics`; absent topics are omitted, and not created."""
        ...

    async def settings_of(self, topics: Sequence[str]) -> Mapping[str, Mapping[str, TopicSetting]]:
        """Kafka's settings, by name, of each existing topic among `topics`; empty if the broker reports none."""
        ...

    async def bounds(self, topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        """The first offset and the offset after the last, for every partition of the existing topics.

        The last offset may hold no record: to find out whether everything was read, compare a reader's position with the end.
        """
        ...

    async def progress(self, group: str) -> Mapping[TopicPartition, Progress]:
        """What members of a group noted last, or what a tool has put in its place; empty if the broker does not tell."""
        ...

    async def close(self) -> None: ...
