"""The port between Makersync and an event log; adapters are `broker.kafka` and `broker.memory`.

A *record* is bytes at (topic, partition, offset). Offsets grow by at least one within a partition: some hold no record, as
those of a transaction's marker, of what was aborted, and of what compaction took. Nothing of a transaction is read, nor counts
as the end, before it is committed. A *group* shares the
partitions of its topics between its members: topics with equally many partitions are co-partitioned, so that one
member holds the same partition numbers of all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from makersync.errors import OperatorError, RetryLater


class BrokerAway(RetryLater):
    """No broker answers, or it did not answer in time."""


class BrokerHesitates(RetryLater):
    """A broker answers, and cannot do what it is asked yet, or not for a reason that is known here; the message names it."""


class RightsMissing(RetryLater):
    """The broker answers, and its access control lists do not let this user; the message names the right and the command that
    gives it. What was asked waits until somebody has."""


class CodecUnknown(RetryLater):
    """A record is compressed in a way that this process cannot read."""


class RecordRefused(Exception):
    """The broker refuses a record for good, as too large or invalid. Which of several, only each alone can tell."""


class BrokerRefused(OperatorError):
    """The broker answers and says no: a wrong password, a setting it does not take."""


class OffsetUnknown(Exception):
    """A position lies outside what the log holds: the log was cut or replaced."""


class TopicsMissing(OperatorError):
    """A topic that the service needs does not exist, or has another number of partitions than it must."""


@dataclass(frozen=True, slots=True, order=True)
class TopicPartition:
    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read. `timestamp_ms` is the broker's or the producer's, milliseconds since 1970 UTC."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to write, with Kafka record headers (name, value)."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic to create; `config` is Kafka's topic configuration."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicSetting:
    """A setting of a topic as it holds; `is_own`: set on the topic itself, not taken over from the broker."""

    value: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a member holds. `generation` grows with every rebalance this member heard of, also when the same partitions
    come back: in between, another may have held them. While a rebalance is under way the member holds nothing.

    `is_pending`: the group has not said yet what is whose. Whoever holds nothing without that is one member too many."""

    generation: int
    partitions: frozenset[TopicPartition]
    is_pending: bool = False


class Producer(Protocol):
    """Writes records, all replicas acknowledged."""

    async def publish(self, records: Sequence[Outgoing], deadline_s: float) -> None:
        """Write all, pipelined, in the given order within each partition.

        Raises BrokerAway when any was not acknowledged within `deadline_s` (a topic that does not exist counts as
        away), BrokerHesitates when a broker answers without taking it yet, RightsMissing, BrokerRefused, RecordRefused when one
        of the records will never be taken. After any of these, each of them may or may not be in the log, and the producer must
        be closed and made again.
        """
        ...

    async def close(self) -> None:
        """Never raises. What a failed `publish` left behind is dropped, not sent later."""
        ...


class Member(Protocol):
    """A member of a consumer group. Positions are the caller's business: nothing is read before `seek`."""

    def assignment(self) -> Assignment:
        """The newest assignment heard of. A rebalance only records it; the loop acts on it."""
        ...

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from `offset`; the partition starts to flow. Raises OffsetUnknown when the log does not reach it.

        A partition that is not held (any more) is left alone: `assignment` tells.
        """
        ...

    def pause(self, partition: TopicPartition) -> None:
        """Stop reading a partition until the next `seek`. One that is not held is left alone."""
        ...

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        """What has arrived, in order per partition, `max_records` in all; empty after `timeout_s`, or while a rebalance
        is under way. Only partitions assigned, sought and not paused.

        Raises BrokerAway, BrokerHesitates, RightsMissing or CodecUnknown: the member goes on where it was once that has passed.
        Raises OffsetUnknown when a position fell out of the log.
        """
        ...

    def position(self, partition: TopicPartition) -> int:
        """The next offset to be read, as of the last `fetch`: past all that it and those before handed out, and past what holds
        no record. 0 for a partition that does not flow. Asks nobody."""
        ...

    def behind(self, offsets: Mapping[TopicPartition, int]) -> int:
        """How many offsets wait from these on, as far as the last fetches told; asks nobody."""
        ...

    async def note_progress(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell the broker the next offsets, for lag displays only; failures are ignored."""
        ...

    async def close(self) -> None:
        """Leave the group, so that the others take over at once. Never raises."""
        ...


class Tail(Protocol):
    """A reader outside any group: every partition of its topics, from the first record on, or from where it is set."""

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from `offset`. Raises OffsetUnknown when the log does not reach it."""
        ...

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        """As a member's `fetch`."""
        ...

    def position(self, partition: TopicPartition) -> int:
        """The offset of the next record to be read."""
        ...

    async def close(self) -> None: ...


class Broker(Protocol):
    """An event log. Everything it hands out must be closed by who asked for it. Every call ends in bounded time: with
    BrokerAway when no broker answers, BrokerHesitates when one does without doing it, RightsMissing when it must not,
    BrokerRefused when it never will."""

    async def producer(self) -> Producer: ...

    async def join(self, group: str, topics: Sequence[str]) -> Member:
        """A new member, that holds nothing yet: the first assignment is pending. Raises TopicsMissing when one is absent."""
        ...

    async def tail(self, topics: Sequence[str]) -> Tail:
        """Raises TopicsMissing when one is absent."""
        ...

    async def create_topics(self, topics: Sequence[TopicSpec]) -> frozenset[str]:
        """Create those that do not exist; returns the names created, once they can be used. Existing ones are left as they
        are."""
        ...

    async def delete_topics(self, topics: Sequence[str]) -> None:
        """Delete topics with all that they hold; absent ones are left out."""
        ...

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        """Number of partitions of each existing topic among `topics`; absent ones are left out, and not created."""
        ...

    async def settings_of(self, topics: Sequence[str]) -> Mapping[str, Mapping[str, TopicSetting]]:
        """Kafka's settings, by name, of each existing topic among `topics`; none where the broker has none to tell."""
        ...

    async def bounds(self, topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        """First offset and the one after the last, of every partition of those that exist.

        The last need not hold a record: who wants to know whether all was read compares a reader's position with the end.
        """
        ...

    async def close(self) -> None: ...
