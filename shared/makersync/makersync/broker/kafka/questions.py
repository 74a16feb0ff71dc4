"""Requests to the brokers about topics: which exist, what they hold, and creating and deleting them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.commit import OffsetFetchRequest

from makersync.broker.kafka.connection import ISOLATION, Connection, native
from makersync.broker.kafka.ends import Ends
from makersync.broker.port import BrokerRefused, OffsetUnknown, Progress, TopicPartition, TopicSetting, TopicsMissing, TopicSpec

#: Kafka's code for a setting that was made on the topic itself.
OWN = 1


class Questions:
    """Uses clients of its own, created on first use, because a reader's connection is busy waiting for records."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._starting = asyncio.Lock()
        self._ends = Ends(connection)
        self._admin: Any = None
        self._reader: Any = None

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        async with self._connection.answering():
            admin = await self._admin_client()
            # List all topics: a broker configured to do so creates a topic that is requested by name.
            found = {each["topic"]: each for each in await admin.describe_topics()}
        return {name: len(found[name]["partitions"]) for name in topics if name in found and not found[name]["error_code"]}

    async def settings_of(self, topics: Sequence[str]) -> Mapping[str, Mapping[str, TopicSetting]]:
        """Empty for the embedded broker."""
        if not self._connection.tells_settings:
            return {}
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in await self.partitions(topics)]
        async with self._connection.answering(right="DescribeConfigs"):
            admin = await self._admin_client()
            answers = await admin.describe_configs(wanted) if wanted else []
            return {name: entries for answer in answers for name, entries in map(_settings, answer.resources)}

    async def check_topics(self, topics: Sequence[str]) -> None:
        """Raises TopicsMissing."""
        found = await self.partitions(topics)
        if absent := [topic for topic in topics if topic not in found]:
            raise TopicsMissing(f"the broker at {self._connection.address} has no topic {', '.join(absent)}")

    async def bounds(self, topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        reported = await self._reported_bounds(topics)
        if self._connection.knows_ends or not reported:
            return reported
        ends = await self._ends.beyond({native(partition): end for partition, (_, end) in reported.items()})
        return {partition: (first, ends[native(partition)]) for partition, (first, _) in reported.items()}

    async def first_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        return {partition: first for partition, (first, _) in (await self._reported_bounds(topics)).items()}

    async def check_offset(self, partition: TopicPartition, offset: int) -> None:
        """Raises OffsetUnknown if the log does not reach `offset`."""
        first, end = (await self._reported_bounds([partition.topic])).get(partition, (0, 0))
        if offset > end:
            first, end = (await self.bounds([partition.topic])).get(partition, (0, 0))
        if not first <= offset <= end:
            raise OffsetUnknown(f"{partition.topic}[{partition.partition}] holds {first} to {end}, not {offset}")

    async def create_topics(self, topics: Sequence[TopicSpec]) -> frozenset[str]:
        created: set[str] = set()
        async with self._connection.answering():
            while absent := await self._absent(topics):
                created |= await self._create(absent)
        # A new partition answers only after it has a leader.
        await self.bounds([spec.name for spec in topics])
        return frozenset(created)

    async def delete_topics(self, topics: Sequence[str]) -> None:
        async with self._connection.answering():
            while present := sorted(await self.partitions(topics)):
                admin = await self._admin_client()
                await admin.delete_topics(present)

    async def progress(self, group: str) -> Mapping[TopicPartition, Progress]:
        """Empty for the embedded broker."""
        if not self._connection.tells_progress:
            return {}
        async with self._connection.answering():
            answer = await self._noted(group)
        return {
            TopicPartition(topic, partition): Progress(offset, remark)
            for topic, partitions in answer.topics
            for partition, offset, remark, _ in partitions
            if offset >= 0
        }

    async def _noted(self, group: str) -> Any:
        """aiokafka's own call takes a coordinator that is still loading for a group without notes: it looks only at the errors
        of partitions, and such an answer has none."""
        admin = await self._admin_client()
        try:
            answer = await admin._send_request(OffsetFetchRequest(group, None), await admin.find_coordinator(group))
        except errors.GroupAuthorizationFailedError as error:
            raise errors.GroupAuthorizationFailedError(group) from error
        codes = [answer.error_code, *(code for _, partitions in answer.topics for *_, code in partitions)]
        for code in filter(None, codes):
            raise errors.for_code(code)(group)
        return answer

    async def close(self) -> None:
        for client in (self._reader, self._admin):
            if client is not None:
                await self._connection.stop(client)
        self._reader = self._admin = None
        await self._ends.close()

    async def _reported_bounds(self, topics: Sequence[str]) -> dict[TopicPartition, tuple[int, int]]:
        """As the broker reports them; see `Ends` for brokers that report early ends."""
        counts = await self.partitions(topics)
        partitions = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
        keys = [native(partition) for partition in partitions]
        async with self._connection.answering():
            reader = await self._reader_client()
            firsts, ends = await asyncio.gather(reader.beginning_offsets(keys), reader.end_offsets(keys))
        return {partition: (firsts[key], ends[key]) for partition, key in zip(partitions, keys, strict=True)}

    async def _absent(self, topics: Sequence[TopicSpec]) -> list[TopicSpec]:
        found = await self.partitions([spec.name for spec in topics])
        return [spec for spec in topics if spec.name not in found]

    async def _create(self, topics: Sequence[TopicSpec]) -> set[str]:
        """One attempt. Returns the topics created; those neither created nor refused must be tried again."""
        admin = await self._admin_client()
        replication = self._connection.settings.replication
        wanted = [NewTopic(spec.name, spec.partitions, replication, topic_configs=dict(spec.config)) for spec in topics]
        answer = await admin.create_topics(wanted)
        outcomes = {name: errors.for_code(code) for name, code, *_ in answer.topic_errors}
        for name, outcome in outcomes.items():
            if not (outcome.retriable or outcome in (errors.NoError, errors.TopicAlreadyExistsError)):
                raise BrokerRefused(f"topic {name} could not be created: {outcome.__name__}")
        return {name for name, outcome in outcomes.items() if outcome is errors.NoError}

    async def _admin_client(self) -> Any:
        async with self._starting:
            if self._admin is None:
                admin = AIOKafkaAdminClient(**self._connection.options())
                await self._connection.start(admin)
                self._admin = admin
            return self._admin

    async def _reader_client(self) -> Any:
        async with self._starting:
            if self._reader is None:
                reader = AIOKafkaConsumer(**self._connection.options(), isolation_level=ISOLATION)
                await self._connection.start(reader)
                self._reader = reader
            return self._reader


def _settings(resource: Any) -> tuple[str, dict[str, TopicSetting]]:
    error_code, _, _, name, entries = resource
    outcome = errors.for_code(error_code)
    if outcome is not errors.NoError:
        raise outcome(name)
    return name, {entry[0]: TopicSetting(entry[1] or "", entry[3] == OWN) for entry in entries}
