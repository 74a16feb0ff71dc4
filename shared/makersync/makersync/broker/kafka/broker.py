"""The Kafka adapter of the broker port."""

from collections.abc import Mapping, Sequence

from makersync.broker.kafka.connection import Connection
from makersync.broker.kafka.producer import KafkaProducer
from makersync.broker.kafka.questions import Questions
from makersync.broker.kafka.readers import KafkaMember, KafkaTail
from makersync.broker.port import Progress, TopicPartition, TopicSetting, TopicSpec
from makersync.settings import Settings


class KafkaBroker:
    """Connects on the first call; `connect` returns an instance that is connected."""

    def __init__(self, settings: Settings) -> None:
        self._connection = Connection(settings)
        self._questions = Questions(self._connection)

    @classmethod
    async def connect(cls, settings: Settings) -> "KafkaBroker":
        """Raises BrokerAway, with the address, if no broker answers."""
        broker = cls(settings)
        try:
            await broker.partitions([])
        except BaseException:
            await broker.close()
            raise
        return broker

    async def producer(self) -> KafkaProducer:
        return await KafkaProducer.start(self._connection)

    async def join(self, group: str, topics: Sequence[str]) -> KafkaMember:
        await self._questions.check_topics(topics)
        return await KafkaMember.join(self._connection, self._questions, group, topics)

    async def tail(self, topics: Sequence[str]) -> KafkaTail:
        await self._questions.check_topics(topics)
        return await KafkaTail.start(self._connection, self._questions, topics)

    async def create_topics(self, topics: Sequence[TopicSpec]) -> frozenset[str]:
        return await self._questions.create_topics(topics)

    async def delete_topics(self, topics: Sequence[str]) -> None:
        await self._questions.delete_topics(topics)

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        return await self._questions.partitions(topics)

    async def settings_of(self, topics: Sequence[str]) -> Mapping[str, Mapping[str, TopicSetting]]:
        return await self._questions.settings_of(topics)

    async def bounds(self, topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        return await self._questions.bounds(topics)

    async def progress(self, group: str) -> Mapping[TopicPartition, Progress]:
        return await self._questions.progress(group)

    async def close(self) -> None:
        await self._questions.close()
        await self._connection.close()
