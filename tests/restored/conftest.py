"""The town whose stores are taken back to an earlier moment."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.deployment import SERVICES, Deployment
from tests.restored.town import Town
from tests.servers.kafka import find_kafka


def say(text: str) -> None:
    print(f"{time.monotonic():.1f} {text}", flush=True)


@pytest.fixture
async def town(tmp_path: Path, new_database: Callable[[str], str]) -> AsyncIterator[Town]:
    kafka = await asyncio.to_thread(find_kafka)
    databases = {service: new_database(service) for service in SERVICES}
    deployment = Deployment(tmp_path, say, kafka.address, databases, matching_processes=1)
    deployment.set_day(datetime.now(UTC).date())
    try:
        async with deployment:
            yield Town(deployment, tmp_path, say)
    finally:
        await asyncio.to_thread(kafka.close)
