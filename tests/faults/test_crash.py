"""What the market promises on its worst day: nothing lost, nothing doubled, nothing out of order, every result true.

The three services run as real processes, two of them matching, over eight partitions. Traffic of every kind goes in over HTTP;
at seeded moments processes are killed, or paused for longer than the broker waits for them; days pass, definitions arrive.
Then everything comes to rest, and the shortlists that employers see must equal the rules applied to what was said.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom

import pytest

from tests.faults.demands import demand_exact_log, rehearse, say
from tests.faults.deployment import SERVICES, Deployment
from tests.faults.rehearsal import Plan, Rehearsal
from tests.faults.traffic import FIRST_DAY
from tests.servers.kafka import find_kafka

pytestmark = [pytest.mark.fault, pytest.mark.timeout(1500)]

#: `MAKERSYNC_FAULT_SEED=n` plays a rehearsal again; `MAKERSYNC_FAULT_EVENTS` makes it shorter while looking for a cause.
SEED = int(os.environ.get("MAKERSYNC_FAULT_SEED", SystemRandom().randrange(10**6)))
EVENTS = int(os.environ.get("MAKERSYNC_FAULT_EVENTS", 20_000))


async def test_nothing_is_lost_or_doubled_on_the_embedded_profile(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, say)
    tmp_path.mkdir(exist_ok=True)
    deployment.set_day(FIRST_DAY)
    async with deployment:
        rehearsal = Rehearsal(deployment, Plan(SEED, EVENTS, webhooks=1))
        try:
            await rehearse(rehearsal, whole=True)
            await demand_exact_log(deployment, whole=True)
        finally:
            await rehearsal.close()


async def test_an_embedded_broker_that_forgets_everything_is_filled_again(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, say)
    deployment.set_day(FIRST_DAY)

    async def restart_broker() -> None:
        deployment.supervisor.kill("broker")

    async with deployment:
        plan = Plan(SEED, EVENTS // 8, kills=2, pauses=0, broker_restarts=2)
        rehearsal = Rehearsal(deployment, plan, restart_broker)
        try:
            await rehearse(rehearsal, whole=False)
            await demand_exact_log(deployment, whole=False)
        finally:
            await rehearsal.close()


async def test_nothing_is_lost_or_doubled_on_the_cluster_profile(tmp_path: Path, new_database: Callable[[str], str]) -> None:
    kafka = await asyncio.to_thread(find_kafka)
    databases = {service: new_database(service) for service in SERVICES}
    deployment = Deployment(tmp_path, say, kafka.address, databases)
    deployment.set_day(FIRST_DAY)

    async def restart_broker() -> None:
        await asyncio.to_thread(kafka.restart)

    try:
        async with deployment:
            rehearsal = Rehearsal(deployment, Plan(SEED, EVENTS, broker_restarts=1, webhooks=1), restart_broker)
            try:
                await rehearse(rehearsal, whole=True)
                await demand_exact_log(deployment, whole=True)
            finally:
                await rehearsal.close()
    finally:
        await asyncio.to_thread(kafka.close)
