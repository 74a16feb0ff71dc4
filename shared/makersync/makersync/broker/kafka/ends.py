"""Finds the true ends of partitions, for brokers whose offset listing is wrong.

Tansu reports the start of a partition's last batch plus one as its end; the end that it sends along with records is correct.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiokafka
from aiokafka import AIOKafkaConsumer

from makersync.broker.kafka.connection import Connection

POLL_MS = 20


class Ends:
    """Reads a few records to learn the end. Connects on first use."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._one_at_a_time = asyncio.Lock()
        self._consumer: Any = None

    async def beyond(self, reported: Mapping[aiokafka.TopicPartition, int]) -> Mapping[aiokafka.TopicPartition, int]:
        """The true ends; `reported` are the ends that the broker listed, which are never later."""
        async with self._one_at_a_time, self._connection.answering():
            consumer = await self._client()
            consumer.assign(list(reported))
            for key, offset in reported.items():
                consumer.seek(key, offset)
            try:
                while None in (ends := {key: consumer.highwater(key) for key in reported}).values():
                    await consumer.getmany(timeout_ms=POLL_MS, max_records=1)
            finally:
                # Otherwise aiokafka would keep requesting records, fifty times a second.
                consumer.pause(*reported)
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
