"""The broker port on Apache Kafka and brokers that speak its protocol, through aiokafka: the one module that imports it."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener
from aiokafka import errors as kafka_errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from makersync.broker.port import (
    Assignment,
    BrokerAway,
    BrokerRefused,
    OffsetUnknown,
    Outgoing,
    Record,
    TopicPartition,
    TopicsMissing,
    TopicSpec,
)
from makersync.settings import Settings

log = logging.getLogger(__name__)

ANSWER_S = 8.0
CLOSE_S = 5.0
REQUEST_S = 5.0
#: A silence after which a reader asks whether a broker is there at all: aiokafka itself retries for ever, unheard.
QUIET_S = 2.0
QUIET_ANSWER_S = 4.0
#: The first join of a new group waits this long for further members (Kafka's group.initial.rebalance.delay.ms), and some.
JOIN_MARGIN_S = 5.0
PROGRESS_S = 1.0
LINGER_MS = 3
#: A partition that was just sought is read only after the request under way has returned.
LONGEST_POLL_MS = 100
BATCH_BYTES = 256 * 1024
METADATA_AGE_MS = 30_000
#: Being busy is the watchdog's affair; leaving the group over it would only move the work.
POLL_INTERVAL_MS = 600_000

_REFUSALS = (
    kafka_errors.AuthenticationFailedError,
    kafka_errors.AuthenticationMethodNotSupported,
    kafka_errors.SaslAuthenticationFailed,
    kafka_errors.UnsupportedSaslMechanismError,
    kafka_errors.TopicAuthorizationFailedError,
    kafka_errors.GroupAuthorizationFailedError,
    kafka_errors.ClusterAuthorizationFailedError,
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.InvalidTopicError,
    kafka_errors.InvalidPartitionsError,
    kafka_errors.InvalidReplicationFactorError,
    kafka_errors.InvalidConfigurationError,
    kafka_errors.InvalidSessionTimeoutError,
    kafka_errors.InconsistentGroupProtocolError,
    kafka_errors.PolicyViolationError,
    kafka_errors.UnsupportedVersionError,
    kafka_errors.IncompatibleBrokerVersion,
)


class KafkaBroker:
    """Connects at the first call; `connect` makes one that has."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._questions = asyncio.Lock()
        self._admin: Any = None
        self._asker: Any = None
        self._closing: set[asyncio.Task[None]] = set()

    @classmethod
    async def connect(cls, settings: Settings) -> "KafkaBroker":
        """Raises BrokerAway, with the address, when no broker answers."""
        broker = cls(settings)
        try:
            await broker.partitions([])
        except BaseException:
            await broker.close()
            raise
        return broker

    async def producer(self) -> "KafkaProducer":
        client = AIOKafkaProducer(
            **self._connection(REQUEST_S),
            acks="all",
            enable_idempotence=self._settings.idempotent_producer,
            linger_ms=LINGER_MS,
            max_batch_size=BATCH_BYTES,
        )
        await self._start(client)
        return KafkaProducer(self, client)

    async def join(self, group: str, topics: Sequence[str]) -> "KafkaMember":
        await self._check_topics(topics)
        session_s = self._settings.session_timeout
        consumer = AIOKafkaConsumer(
            **self._connection(session_s + JOIN_MARGIN_S),
            **_READING,
            group_id=group,
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=int(session_s * 1000),
            heartbeat_interval_ms=int(session_s * 1000 / 6),
            max_poll_interval_ms=POLL_INTERVAL_MS,
        )
        await self._start(consumer)
        member = KafkaMember(self, consumer)
        # After the start: before it, the start would wait for the first assignment, and that for other members.
        consumer.subscribe(list(topics), listener=member.listener)
        return member

    async def tail(self, topics: Sequence[str]) -> "KafkaTail":
        await self._check_topics(topics)
        bounds = await self.bounds(topics)
        consumer = AIOKafkaConsumer(**self._connection(REQUEST_S), **_READING)
        consumer.assign([_native(partition) for partition in bounds])
        await self._start(consumer)
        return KafkaTail(self, consumer, {partition: first for partition, (first, _) in bounds.items()})

    async def create_topics(self, topics: Sequence[TopicSpec]) -> frozenset[str]:
        created: set[str] = set()
        async with self.answering():
            while absent := await self._absent(topics):
                created |= await self._create(absent)
        await self.bounds([spec.name for spec in topics])
        return frozenset(created)

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        async with self.answering():
            admin, _ = await self._question_clients()
            # All topics: asking for one by its name makes a broker create it, if it is set up so.
            found = {each["topic"]: each for each in await admin.describe_topics()}
        return {name: len(found[name]["partitions"]) for name in topics if name in found and not found[name]["error_code"]}

    async def bounds(self, topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        counts = await self.partitions(topics)
        partitions = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
        native = [_native(partition) for partition in partitions]
        async with self.answering():
            _, asker = await self._question_clients()
            firsts, ends = await asyncio.gather(asker.beginning_offsets(native), asker.end_offsets(native))
        return {partition: (firsts[key], ends[key]) for partition, key in zip(partitions, native, strict=True)}

    async def close(self) -> None:
        for client in (self._asker, self._admin):
            if client is not None:
                await self.stop(client.close() if client is self._admin else client.stop())
        self._asker = self._admin = None
        for task in self._closing:
            task.cancel()

    @asynccontextmanager
    async def answering(self, deadline_s: float = ANSWER_S) -> AsyncIterator[None]:
        """Raises this port's errors for aiokafka's, and BrokerAway past the deadline."""
        with self._translated():
            async with asyncio.timeout(deadline_s):
                yield

    async def stop(self, stopping: Coroutine[Any, Any, None]) -> None:
        """Let a client close, at most `CLOSE_S`: what takes longer goes on beside us, each of its waits being bounded."""
        task = asyncio.create_task(stopping)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        await asyncio.wait({task}, timeout=CLOSE_S)
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            log.warning("broker_client_close_failed: %r", error)

    async def check_offset(self, partition: TopicPartition, offset: int) -> None:
        """Raises OffsetUnknown when the log does not reach `offset`."""
        first, end = (await self.bounds([partition.topic])).get(partition, (0, 0))
        if not first <= offset <= end:
            raise OffsetUnknown(f"{partition.topic}[{partition.partition}] holds {first} to {end}, not {offset}")

    def _connection(self, request_s: float) -> dict[str, Any]:
        settings = self._settings
        options: dict[str, Any] = {
            "bootstrap_servers": settings.broker_address,
            "client_id": f"makersync-{settings.instance}",
            "request_timeout_ms": int(request_s * 1000),
            "metadata_max_age_ms": METADATA_AGE_MS,
            "security_protocol": settings.broker_security,
        }
        if settings.broker_security != "PLAINTEXT":
            options |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": settings.broker_user,
                "sasl_plain_password": settings.broker_password.get_secret_value(),
            }
        if settings.broker_security == "SASL_SSL":
            options["ssl_context"] = ssl.create_default_context(cafile=settings.broker_ca_file)
        return options

    async def _start(self, client: Any) -> None:
        try:
            async with self.answering():
                await client.start()
        except BaseException:
            await self.stop(client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())
            raise

    async def _question_clients(self) -> tuple[Any, Any]:
        """For metadata and for bounds: a reader's own connection is busy waiting for records."""
        async with self._questions:
            if self._asker is None:
                admin = AIOKafkaAdminClient(**self._connection(REQUEST_S))
                await self._start(admin)
                asker = AIOKafkaConsumer(**self._connection(REQUEST_S), **_READING)
                await self._start(asker)
                self._admin, self._asker = admin, asker
            return self._admin, self._asker

    async def _check_topics(self, topics: Sequence[str]) -> None:
        found = await self.partitions(topics)
        if absent := [topic for topic in topics if topic not in found]:
            raise TopicsMissing(f"no topic {', '.join(absent)} at {self._settings.broker_address}")

    async def _absent(self, topics: Sequence[TopicSpec]) -> list[TopicSpec]:
        found = await self.partitions([spec.name for spec in topics])
        return [spec for spec in topics if spec.name not in found]

    async def _create(self, topics: Sequence[TopicSpec]) -> set[str]:
        """One attempt; returns what the broker says it created. What it neither created nor refused is to be tried again."""
        admin, _ = await self._question_clients()
        replication = self._settings.replication
        wanted = [NewTopic(spec.name, spec.partitions, replication, topic_configs=dict(spec.config)) for spec in topics]
        answer = await admin.create_topics(wanted)
        errors = {name: kafka_errors.for_code(code) for name, code, *_ in answer.topic_errors}
        for name, error in errors.items():
            if error is not kafka_errors.NoError and error is not kafka_errors.TopicAlreadyExistsError and not error.retriable:
                raise BrokerRefused(f"topic {name} could not be created: {error.__name__}")
        return {name for name, error in errors.items() if error is kafka_errors.NoError}

    @contextmanager
    def _translated(self) -> Iterator[None]:
        address = self._settings.broker_address
        try:
            yield
        except kafka_errors.OffsetOutOfRangeError as error:
            raise OffsetUnknown(f"a position is outside of the log: {error}") from error
        except _REFUSALS as error:
            raise BrokerRefused(f"the broker at {address} refused: {error!r}") from error
        except (kafka_errors.KafkaError, OSError) as error:
            raise BrokerAway(f"no broker answers at {address}: {error!r}") from error


_READING: Mapping[str, Any] = {
    "enable_auto_commit": False,
    "auto_offset_reset": "none",
    "fetch_max_wait_ms": LONGEST_POLL_MS,
}


class KafkaProducer:
    def __init__(self, broker: KafkaBroker, client: Any) -> None:
        self._broker = broker
        self._client = client
        self._unacknowledged = 0

    async def publish(self, records: Sequence[Outgoing], deadline_s: float) -> None:
        self._unacknowledged += len(records)
        async with self._broker.answering(deadline_s):
            await self._send(records)
        self._unacknowledged -= len(records)

    async def _send(self, records: Sequence[Outgoing]) -> None:
        acknowledgements: list[asyncio.Future[object]] = []
        try:
            for each in records:
                sent = await self._client.send(each.topic, value=each.value, key=each.key, partition=each.partition)
                acknowledgements.append(sent)
            await asyncio.gather(*acknowledgements)
        finally:
            for waiting in acknowledgements:
                waiting.cancel()

    async def close(self) -> None:
        await self._broker.stop(self._abandon() if self._unacknowledged else self._client.stop())

    async def _abandon(self) -> None:
        """Close without sending the rest: aiokafka's `stop` would, and an idempotent producer never gives up trying."""
        await self._client._sender.close()
        self._client._closed = True
        await self._client.client.close()


class _Reader:
    """What members and tails share: a consumer whose silence is looked into."""

    def __init__(self, broker: KafkaBroker, consumer: Any) -> None:
        self._broker = broker
        self._consumer = consumer
        self._heard = asyncio.get_running_loop().time()

    async def fetch(self, max_records: int, timeout_s: float) -> dict[TopicPartition, list[Record]]:
        async with self._broker.answering(timeout_s + ANSWER_S):
            fetched = await self._poll(max_records, timeout_s)
        if fetched:
            self._heard = asyncio.get_running_loop().time()
        else:
            await self._check_silence()
        return {TopicPartition(*key): [_record(each) for each in records] for key, records in fetched.items()}

    async def _poll(self, max_records: int, timeout_s: float) -> Mapping[aiokafka.TopicPartition, list[Any]]:
        with suppress(TimeoutError):
            # During a rebalance `getmany` waits for its end, whatever its own timeout.
            async with asyncio.timeout(timeout_s):
                fetched: Mapping[aiokafka.TopicPartition, list[Any]] = await self._consumer.getmany(
                    timeout_ms=int(timeout_s * 1000), max_records=max_records
                )
                return fetched
        return {}

    async def _check_silence(self) -> None:
        if asyncio.get_running_loop().time() - self._heard > QUIET_S:
            async with self._broker.answering(QUIET_ANSWER_S):
                await self._consumer.topics()
            self._heard = asyncio.get_running_loop().time()


class _Recorder(ConsumerRebalanceListener):  # type: ignore[misc]
    """Records what was assigned, and no more: aiokafka swallows the errors of a listener."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self.assignment = Assignment(0, frozenset())

    def on_partitions_revoked(self, revoked: Iterable[aiokafka.TopicPartition]) -> None:
        self._record(())

    def on_partitions_assigned(self, assigned: Iterable[aiokafka.TopicPartition]) -> None:
        for key in assigned:
            self._consumer.pause(key)
            # Any position will do; without one aiokafka would look for a committed one, paused or not.
            self._consumer.seek(key, 0)
        self._record(assigned)

    def _record(self, held: Iterable[aiokafka.TopicPartition]) -> None:
        self.assignment = Assignment(self.assignment.generation + 1, frozenset(TopicPartition(*key) for key in held))


class KafkaMember:
    def __init__(self, broker: KafkaBroker, consumer: Any) -> None:
        self._broker = broker
        self._consumer = consumer
        self._reader = _Reader(broker, consumer)
        self.listener = _Recorder(consumer)

    def assignment(self) -> Assignment:
        return self.listener.assignment

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition not in self.assignment().partitions:
            return
        generation = self.assignment().generation
        await self._broker.check_offset(partition, offset)
        if generation == self.assignment().generation:
            self._consumer.seek(_native(partition), offset)
            self._consumer.resume(_native(partition))

    def pause(self, partition: TopicPartition) -> None:
        if partition in self.assignment().partitions:
            self._consumer.pause(_native(partition))

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        return await self._reader.fetch(max_records, timeout_s)

    async def note_progress(self, offsets: Mapping[TopicPartition, int]) -> None:
        try:
            async with asyncio.timeout(PROGRESS_S):
                await self._consumer.commit({_native(partition): offset for partition, offset in offsets.items()})
        except (kafka_errors.KafkaError, OSError) as error:
            log.debug("progress_not_noted: %r", error)

    async def close(self) -> None:
        await self._broker.stop(self._consumer.stop())


class KafkaTail:
    def __init__(self, broker: KafkaBroker, consumer: Any, firsts: Mapping[TopicPartition, int]) -> None:
        self._broker = broker
        self._consumer = consumer
        self._reader = _Reader(broker, consumer)
        self._positions = dict(firsts)
        for partition, offset in firsts.items():
            consumer.seek(_native(partition), offset)

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        await self._broker.check_offset(partition, offset)
        self._consumer.seek(_native(partition), offset)
        self._positions[partition] = offset

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        fetched = await self._reader.fetch(max_records, timeout_s)
        # aiokafka's own position also passes the gaps that compaction leaves at the end of a batch.
        for partition in self._positions:
            self._positions[partition] = await self._consumer.position(_native(partition))
        return fetched

    def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    async def close(self) -> None:
        await self._broker.stop(self._consumer.stop())


def _native(partition: TopicPartition) -> aiokafka.TopicPartition:
    return aiokafka.TopicPartition(partition.topic, partition.partition)


def _record(each: Any) -> Record:
    return Record(each.topic, each.partition, each.offset, each.key, each.value, each.timestamp)
