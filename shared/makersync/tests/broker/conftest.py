"""Names and small waits that the broker tests share."""

import secrets
from collections.abc import AsyncIterator

import pytest

from makersync.broker.port import Broker, Producer


@pytest.fixture
def topic() -> str:
    """A topic name that no other test uses."""
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
async def producer(any_broker: Broker) -> AsyncIterator[Producer]:
    producer = await any_broker.producer()
    yield producer
    await producer.close()
