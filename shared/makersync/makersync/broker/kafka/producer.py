"""Writes records: pipelined, acknowledged by every replica, with a deadline."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from makersync.broker.kafka.connection import Connection
from makersync.broker.port import Outgoing

LINGER_MS = 0
BATCH_BYTES = 256 * 1024


class KafkaProducer:
    """Implements the port's `Producer`. Use `start` to create one."""

    def __init__(self, connection: Connection, client: Any) -> None:
        self._connection = connection
        self._client = client
        self._unacknowledged = 0

    @classmethod
    async def start(cls, connection: Connection) -> "KafkaProducer":
        client = AIOKafkaProducer(
            **connection.options(),
            acks="all",
            enable_idempotence=connection.settings.idempotent_producer,
            linger_ms=LINGER_MS,
            max_batch_size=BATCH_BYTES,
        )
        await connection.start(client)
        return cls(connection, client)

    async def publish(self, records: Sequence[Outgoing], deadline_s: float) -> None:
        self._unacknowledged += len(records)
        async with self._connection.answering(deadline_s, "Write"):
            await self._send(records)
        self._unacknowledged -= len(records)

    async def close(self) -> None:
        if self._unacknowledged:
            await self._connection.end(self._abandon())
        else:
            await self._connection.stop(self._client)

    async def _send(self, records: Sequence[Outgoing]) -> None:
        acknowledgements: list[asyncio.Future[object]] = []
        try:
            for each in records:
                sent = await self._client.send(
                    each.topic, value=each.value, key=each.key, partition=each.partition, headers=list(each.headers)
                )
                acknowledgements.append(sent)
            await asyncio.gather(*acknowledgements)
        finally:
            for waiting in acknowledgements:
                waiting.cancel()

    async def _abandon(self) -> None:
        """Close without sending the remaining records.

        aiokafka's own `stop` would send them late, after those of the next producer, and an idempotent producer would never
        stop trying.
        """
        await self._client._sender.close()
        self._client._closed = True
        await self._client.client.close()
