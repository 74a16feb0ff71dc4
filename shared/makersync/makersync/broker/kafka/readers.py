"""Readers: members of a group, and tails outside any group."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import aiokafka
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, errors
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from makersync.broker.kafka.connection import ANSWER_S, ISOLATION, REQUEST_S, Connection, native
from makersync.broker.kafka.questions import Questions
from makersync.broker.port import Assignment, CodecUnknown, OffsetUnknown, Progress, Record, TopicPartition

log = logging.getLogger(__name__)

#: After this many seconds without records a reader checks that a broker is there: aiokafka retries forever without reporting
#: it.
QUIET_S = 4.0
QUIET_ANSWER_S = 4.0
#: A join is answered only when the rebalance ends, later than other requests.
JOIN_MARGIN_S = 5.0
PROGRESS_S = 1.0
HEARTBEATS_PER_SESSION = 6
#: The watchdog handles a busy process; leaving the group would only move the work to another one.
POLL_INTERVAL_S = 600.0
#: How long the broker may hold a fetch request. Short while records arrive, because a partition that was just sought is read
#: only after the request in progress returns; long in quiet times, because the embedded broker works for each request.
LONGEST_POLL_MS, QUIET_POLL_MS = 100, 3000
QUIET_AFTER_S = 5.0
#: Bytes per partition and fetch: the size of a batch that catches up.
FETCH_BYTES = 4 * 1024 * 1024


class WatchedConsumer:
    """A consumer that investigates when nothing arrives."""

    def __init__(self, connection: Connection, questions: Questions, request_s: float = REQUEST_S, **options: Any) -> None:
        self._connection = connection
        self._questions = questions
        self._heard = self._came = 0.0
        self.consumer: Any = AIOKafkaConsumer(
            **connection.options(request_s),
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level=ISOLATION,
            fetch_max_wait_ms=LONGEST_POLL_MS,
            max_partition_fetch_bytes=FETCH_BYTES,
            **options,
        )

    async def start(self) -> None:
        await self._connection.start(self.consumer)
        self._hear()
        self.expect()

    def expect(self) -> None:
        """Request records frequently, because some are likely to arrive now."""
        self._came = asyncio.get_running_loop().time()
        self.consumer._fetcher._fetch_max_wait_ms = LONGEST_POLL_MS

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        try:
            async with self._connection.answering(timeout_s + ANSWER_S, "Read"):
                fetched = await self._poll(max_records, timeout_s)
        except CodecUnknown as error:
            topics = ", ".join(sorted({key.topic for key in self._flowing()}))
            raise CodecUnknown(f"a record of {topics} cannot be read: {error}") from error
        if fetched:
            self._hear()
            self.expect()
        else:
            self._slow_down()
            await self._check_silence()
            await self._check_reach()
        return {TopicPartition(*key): [_record(each) for each in records] for key, records in fetched.items()}

    async def positions(self) -> dict[TopicPartition, int]:
        """The positions of partitions that are not paused. aiokafka's position also advances past gaps left by compaction and
        past markers."""
        return {TopicPartition(*key): await self.consumer.position(key) for key in self._flowing()}

    def end(self, partition: TopicPartition) -> int | None:
        """The partition's end at the last fetch, without open transactions."""
        key = native(partition)
        end: int | None = self.consumer.last_stable_offset(key) if self._connection.knows_ends else self.consumer.highwater(key)
        return end

    async def close(self) -> None:
        await self._connection.stop(self.consumer)

    async def _poll(self, max_records: int, timeout_s: float) -> Mapping[aiokafka.TopicPartition, Sequence[Any]]:
        """During a rebalance aiokafka waits for its end regardless of the timeout, so a second timeout surrounds the call."""
        fetched: Mapping[aiokafka.TopicPartition, Sequence[Any]] = {}
        try:
            async with asyncio.timeout(timeout_s):
                fetched = await self.consumer.getmany(timeout_ms=int(timeout_s * 1000), max_records=max_records)
        except TimeoutError:
            return {}
        return fetched

    def _slow_down(self) -> None:
        """aiokafka has no method to change this setting, but reads the attribute for each request."""
        if asyncio.get_running_loop().time() - self._came > QUIET_AFTER_S:
            self.consumer._fetcher._fetch_max_wait_ms = QUIET_POLL_MS

    def _hear(self) -> None:
        self._heard = asyncio.get_running_loop().time()

    async def _check_silence(self) -> None:
        if asyncio.get_running_loop().time() - self._heard <= QUIET_S:
            return
        async with self._connection.answering(QUIET_ANSWER_S):
            names = await self.consumer.topics()
        if lost := {key.topic for key in self._flowing()} - names:
            raise OffsetUnknown(f"the log has lost {', '.join(sorted(lost))}")
        self._hear()

    async def _check_reach(self) -> None:
        """Kafka rejects a position beyond the end; the embedded broker returns no records, as if nothing were wrong."""
        if self._connection.knows_ends:
            return
        for key in self._flowing():
            end, position = self.consumer.highwater(key), await self.consumer.position(key)
            # This is only a suspicion: the end may have been reported just before the accompanying records were written.
            if end is not None and position > end:
                await self._questions.check_offset(TopicPartition(*key), position)

    def _flowing(self) -> set[aiokafka.TopicPartition]:
        flowing: set[aiokafka.TopicPartition] = self.consumer.assignment() - self.consumer.paused()
        return flowing


class Leadership(RangePartitionAssignor):  # type: ignore[misc]
    """A range assignor that remembers whether this member has assigned partitions to others: only the group's leader is asked
    to."""

    def __init__(self) -> None:
        self._asked = self._led = 0

    @property
    def is_over_others(self) -> bool:
        return max(self._asked, self._led) > 0

    def assign(self, cluster: Any, members: Mapping[str, Any]) -> Any:
        self._asked = len(members) - 1
        return super().assign(cluster, members)

    def assigned(self) -> None:
        """A rebalance has ended. If this member led it, `assign` was called before."""
        self._led, self._asked = self._asked, 0


class Recorder(ConsumerRebalanceListener):  # type: ignore[misc]
    """Records the assignment and pauses its partitions. It does no more, because aiokafka swallows errors in listeners."""

    def __init__(self, consumer: Any, leadership: Leadership) -> None:
        self._consumer = consumer
        self._leadership = leadership
        self.assignment = Assignment(0, frozenset(), is_pending=True)

    def on_partitions_revoked(self, revoked: Iterable[aiokafka.TopicPartition]) -> None:
        self.assignment = Assignment(self.assignment.generation + 1, frozenset(), is_pending=True)

    def on_partitions_assigned(self, assigned: Iterable[aiokafka.TopicPartition]) -> None:
        self._leadership.assigned()
        for key in assigned:
            self._consumer.pause(key)
            # Any position will do: without one, aiokafka looks up a committed offset even for paused partitions.
            self._consumer.seek(key, 0)
        held = frozenset(TopicPartition(*key) for key in assigned)
        self.assignment = Assignment(self.assignment.generation + 1, held)


class KafkaMember:
    """Implements the port's `Member`. Use `join` to create one."""

    def __init__(self, connection: Connection, reader: WatchedConsumer, questions: Questions, leadership: Leadership) -> None:
        self._connection = connection
        self._reader = reader
        self._consumer = reader.consumer
        self._questions = questions
        self._leadership = leadership
        self._recorder = Recorder(reader.consumer, leadership)
        self._positions: Mapping[TopicPartition, int] = {}

    @classmethod
    async def join(cls, connection: Connection, questions: Questions, group: str, topics: Sequence[str]) -> "KafkaMember":
        session_s = connection.settings.session_timeout
        leadership = Leadership()
        reader = WatchedConsumer(
            connection,
            questions,
            request_s=session_s + JOIN_MARGIN_S,
            group_id=group,
            partition_assignment_strategy=(leadership,),
            session_timeout_ms=int(session_s * 1000),
            heartbeat_interval_ms=int(session_s * 1000 / HEARTBEATS_PER_SESSION),
            max_poll_interval_ms=int(POLL_INTERVAL_S * 1000),
        )
        await reader.start()
        member = cls(connection, reader, questions, leadership)
        # Subscribe only after the start, which would otherwise wait for the first assignment, and so for the other members.
        reader.consumer.subscribe(list(topics), listener=member._recorder)
        return member

    def assignment(self) -> Assignment:
        return self._recorder.assignment

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        held = self.assignment()
        if partition not in held.partitions:
            return
        await self._questions.check_offset(partition, offset)
        if self.assignment().generation == held.generation:
            self._positions = {**self._positions, partition: offset}
            self._consumer.seek(native(partition), offset)
            self._consumer.resume(native(partition))
            self._reader.expect()

    def pause(self, partition: TopicPartition) -> None:
        if partition in self.assignment().partitions:
            self._consumer.pause(native(partition))

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        fetched = await self._reader.fetch(max_records, timeout_s)
        self._positions = await self._reader.positions()
        return fetched

    def position(self, partition: TopicPartition) -> int:
        return self._positions.get(partition, 0)

    def behind(self, offsets: Mapping[TopicPartition, int]) -> int:
        held = self.assignment().partitions
        ends = {at: self._reader.end(at) for at in offsets if at in held}
        return sum(max(0, end - offsets[at]) for at, end in ends.items() if end is not None)

    async def note_progress(self, progress: Mapping[TopicPartition, Progress]) -> None:
        try:
            async with asyncio.timeout(PROGRESS_S):
                await self._consumer.commit({native(at): (note.offset, note.remark) for at, note in progress.items()})
        except (errors.KafkaError, OSError) as error:
            log.debug("progress_not_noted: %r", error)

    async def close(self) -> None:
        if self._leadership.is_over_others and not self._connection.replaces_leaders:
            # Without a generation the client does not send a leave request: the broker misses the leader once its session has
            # expired.
            self._consumer._coordinator.reset_generation()
        await self._reader.close()


class KafkaTail:
    """Implements the port's `Tail`. Use `start` to create one."""

    def __init__(self, reader: WatchedConsumer, questions: Questions, positions: Mapping[TopicPartition, int]) -> None:
        self._reader = reader
        self._consumer = reader.consumer
        self._questions = questions
        self._positions = dict(positions)

    @classmethod
    async def start(cls, connection: Connection, questions: Questions, topics: Sequence[str]) -> "KafkaTail":
        firsts = await questions.first_offsets(topics)
        reader = WatchedConsumer(connection, questions)
        reader.consumer.assign([native(partition) for partition in firsts])
        await reader.start()
        for partition, offset in firsts.items():
            reader.consumer.seek(native(partition), offset)
        return cls(reader, questions, firsts)

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        await self._questions.check_offset(partition, offset)
        self._consumer.seek(native(partition), offset)
        self._reader.expect()
        self._positions[partition] = offset

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        fetched = await self._reader.fetch(max_records, timeout_s)
        self._positions |= await self._reader.positions()
        return fetched

    def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    async def close(self) -> None:
        await self._reader.close()


def _record(each: Any) -> Record:
    return Record(each.topic, each.partition, each.offset, each.key, each.value, each.timestamp)
