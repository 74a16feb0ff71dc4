"""What all clients of the brokers share: options, deadlines, translated errors, and closing in bounded time."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiokafka
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.metadata import MetadataRequest

from makersync.broker.kafka.faults import Right, translated
from makersync.broker.port import TopicPartition
from makersync.settings import Settings

log = logging.getLogger(__name__)

ANSWER_S = 8.0
CLOSE_S = 5.0
REQUEST_S = 5.0
METADATA_AGE_S = 30.0
RETRY_S = 0.1
#: Isolation level of readers: records of aborted or open transactions are not read.
ISOLATION = "read_committed"
#: Kafka's `allow.auto.create.topics=false`, for which aiokafka has no setting. Otherwise a reader that reconnects to a broker
#: without its topic creates it, with the broker's own number of partitions.
MetadataRequest.__init__.__defaults__ = (None, False)  # topics, allow_auto_topic_creation


class Connection:
    """Options, deadlines and shutdown for all clients of one broker."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return self.settings.broker_address

    @property
    def knows_ends(self) -> bool:
        """Whether the broker reports the ends of its partitions correctly; the embedded one does not (see `ends`)."""
        return self.settings.profile != "embedded"

    @property
    def tells_settings(self) -> bool:
        """Whether the broker reports topic settings; the embedded one accepts any and keeps none."""
        return self.settings.profile != "embedded"

    @property
    def tells_progress(self) -> bool:
        """Whether the broker can be asked what a group has noted; the embedded one answers in a form that no client reads."""
        return self.settings.profile != "embedded"

    @property
    def replaces_leaders(self) -> bool:
        """Whether a group gets another leader if its leader leaves during a rebalance; the embedded broker waits for the old
        one forever (docs/decisions/0049)."""
        return self.settings.profile != "embedded"

    def options(self, request_s: float = REQUEST_S) -> dict[str, Any]:
        """Keyword arguments of any aiokafka client; `request_s` is the timeout of a request."""
        return {
            "bootstrap_servers": self.address,
            "client_id": f"makersync-{self.settings.instance}",
            "request_timeout_ms": int(request_s * 1000),
            "metadata_max_age_ms": int(METADATA_AGE_S * 1000),
            "security_protocol": self.settings.broker_security,
            **self._credentials(),
        }

    @asynccontextmanager
    async def answering(self, deadline_s: float = ANSWER_S, right: Right = "Describe") -> AsyncIterator[None]:
        """Translates aiokafka's errors to this port's, and raises BrokerAway after the deadline. `right` is the right that the
        step needs."""
        with translated(self.settings, right):
            async with asyncio.timeout(deadline_s):
                yield

    async def start(self, client: Any) -> None:
        """Start an aiokafka client, or close it if it cannot start."""
        try:
            async with self.answering():
                await client.start()
                await _wait_for_brokers(client)
        except BaseException:
            await self.stop(client)
            raise

    async def stop(self, client: Any) -> None:
        """Close an aiokafka client. Never raises."""
        await self.end(client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())

    async def end(self, stopping: Coroutine[Any, Any, None]) -> None:
        """Wait at most `CLOSE_S` seconds; a longer shutdown continues in the background, where each of its own waits is
        bounded. Never raises."""
        task = asyncio.create_task(stopping)
        self._ending.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait({task}, timeout=CLOSE_S)

    async def close(self) -> None:
        """Cancel clients that are still closing after another `CLOSE_S` seconds. Never raises."""
        if self._ending:
            _, late = await asyncio.wait(self._ending, timeout=CLOSE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("broker_client_close_failed: %r", error)

    def _credentials(self) -> dict[str, Any]:
        settings = self.settings
        if settings.broker_security == "PLAINTEXT":
            return {}
        credentials = {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.broker_user,
            "sasl_plain_password": settings.broker_password.get_secret_value(),
        }
        if settings.broker_security == "SASL_PLAINTEXT":
            return credentials
        return credentials | {"ssl_context": ssl.create_default_context(cafile=settings.broker_ca_file)}


async def _wait_for_brokers(client: Any) -> None:
    """A Kafka broker that is starting answers before it lists itself as a broker; a member that starts then would never
    join."""
    network = client.client if isinstance(client, AIOKafkaProducer) else client._client
    while not network.cluster.brokers():
        await asyncio.sleep(RETRY_S)
        await network.force_metadata_update()


def native(partition: TopicPartition) -> aiokafka.TopicPartition:
    return aiokafka.TopicPartition(partition.topic, partition.partition)
