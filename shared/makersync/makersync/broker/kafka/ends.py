"""Where partitions really end, for brokers whose list of offsets does not tell.

Tansu answers the question for a partition's end with the start of its last batch, plus one; what it sends along with
records is right.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiokafka
from aiokafka import AIOKafkaConsumer

from makersync.broker.kafka.connection import Connection

POLL_MS = 20


class Ends:
    """Reads a little to learn of the end. Connects at the first question."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._one_at_a_time = asyncio.Lock()
        self._consumer: Any = None

    async def beyond(self, told: Mapping[aiokafka.TopicPartition, int]) -> Mapping[aiokafka.TopicPartition, int]:
        """The true ends; `told` are what the broker said, no later than these."""
        async with self._one_at_a_time, self._connection.answering():
            consumer = await self._client()
            consumer.assign(list(told))
            for key, offset in told.items():
                consumer.seek(key, offset)
            try:
                while None in (ends := {key: consumer.highwater(key) for key in told}).values():
                    await consumer.getmany(timeout_ms=POLL_MS, max_records=1)
            finally:
                # Else aiokafka goes on asking for records, fifty times a second.
                consumer.pause(*told)
            return ends

    async def close(self) -> None:
        if self._consumer is not None:
            await self._connection.stop(self._consumer)
        self._consumer = None

    async def _client(self) -> Any:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(**self._connection.options(), auto_offset_reset="none", fetch_max_wait_ms=POLL_MS)
            await self._connection.start(consumer)
            self._consumer = consumer
        return self._consumer
