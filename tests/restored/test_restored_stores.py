"""Stores that are taken back to an earlier moment, each alone and all together, or lost, on PostgreSQL and Kafka.

Matching alone is restored and lost in `tests/faults/test_damage.py`, under traffic, and so are front doors that take the
log's word. With an operator's commands nobody who withdrew is on a list again, what is written then takes effect, and all
truths are one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from makersync.effects.restored_store import RESTORED
from tests.faults.deployment import SERVICES, Deployment
from tests.restored.town import Town
from tests.servers.kafka import find_kafka

TAKE_LOG, ABOVE = "--take-log", "--above"
pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


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


async def test_restored_and_lost_stores_are_brought_together_with_their_log(town: Town) -> None:
    await town.found()
    for services, choice in ((["openings"], ABOVE), (["learners"], ABOVE), (SERVICES, TAKE_LOG)):
        await restored(town, services, choice)
    await town.audit()
    await lost(town)
    await town.audit()


async def test_a_restored_store_whose_own_topics_hold_nothing_newer_is_noticed_and_its_feeds_start_over(town: Town) -> None:
    """Guards: positions that are given out twice. The openings service has published nothing since the backup, and its feed has
    gone on with the matches of new learners."""
    await town.found()
    await town.put_aside(["openings"], "earlier")
    for _ in range(3):
        await town.register()
    await town.settled()
    await town.has_no_condition("openings", "learners")
    position = await town.feed_position()
    await town.take_back(["openings"], "earlier")
    await town.is_refused("openings", RESTORED)
    await town.mend("openings", "reconcile", "openings", TAKE_LOG, "--yes")
    await town.deployment.start("openings")
    await town.settled()
    assert await town.feed_has_started_over(position)
    assert await town.feed_position() > position
    await town.go_on()
    await town.deployment.stop("openings")
    await town.deployment.start("openings")
    await town.has_no_condition("openings", "learners")
    await town.audit()


async def restored(town: Town, services: Sequence[str], choice: str) -> None:
    say(f"--- restored: {', '.join(services)} {choice}")
    name = f"round_{town.rounds}"
    await town.put_aside(services, name)
    await town.live_through()
    await town.take_back(services, name)
    if len(services) == 1 and services[0] != "matching":
        await town.is_refused(services[0])
    for service in services:
        await town.mend(service, "reconcile", service, choice, "--yes")
    await town.deployment.start(*services)
    if choice == ABOVE:
        await town.take_account()
    await town.settled()
    await town.go_on()
    await town.nobody_is_back()


async def lost(town: Town) -> None:
    say("--- lost: all")
    await town.live_through()
    await town.lose(SERVICES)
    for service in ("learners", "openings"):
        await town.mend(service, "reconcile", service, TAKE_LOG, "--yes")
        await town.mend(service, service, "bootstrap", "--token-file", str(town.folder / f"{service}.key"))
    await town.mend("matching", "rebuild")
    await town.deployment.start(*SERVICES)
    for service in ("learners", "openings"):
        await town.issue_key(service)
    await town.settled()
    await town.go_on()
    await town.nobody_is_back()
