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

from tests.faults import audit, reference
from tests.faults.deployment import SERVICES, Deployment
from tests.faults.rehearsal import Plan, Rehearsal
from tests.faults.traffic import FIRST_DAY
from tests.servers.kafka import find_kafka

pytestmark = [pytest.mark.fault, pytest.mark.timeout(1500)]

#: `MAKERSYNC_FAULT_SEED=n` plays a rehearsal again; `MAKERSYNC_FAULT_EVENTS` makes it shorter while looking for a cause.
SEED = int(os.environ.get("MAKERSYNC_FAULT_SEED", SystemRandom().randrange(10**6)))
EVENTS = int(os.environ.get("MAKERSYNC_FAULT_EVENTS", 20_000))

#: Two censuses of the log, and how often to look whether one has mended it, seconds.
CENSUSES_S, LOOK_EVERY_S = 130, 5


def say(text: str) -> None:
    print(text, flush=True)


async def rehearse(rehearsal: Rehearsal, whole: bool) -> None:
    """Run it, and compare what employers see with the rules, pair by pair. `whole`: as for `demand_exact_log`."""
    say(f"seed {rehearsal.plan.seed}")
    await rehearsal.run()
    operator = rehearsal.operators["learners"]
    document = await reference.market_document(rehearsal.day, rehearsal.employers, rehearsal.providers, operator)
    expected, seen = reference.evaluated(document), await reference.shown(rehearsal.employers)
    say(f"{len(document['openings'])} openings, {len(document['learners'])} learners, {len(expected)} matches by the rules")
    assert expected, "a market without matches proves nothing"
    for _ in range(0 if whole else CENSUSES_S // LOOK_EVERY_S):
        if not reference.differences(seen, expected):
            break
        await asyncio.sleep(LOOK_EVERY_S)
        seen = await reference.shown(rehearsal.employers)
    assert reference.differences(seen, expected) == []


async def demand_exact_log(deployment: Deployment, whole: bool) -> None:
    """`whole`: the log has been the same one from the start, so that every version of every key must be in it.

    One that was replaced may lose what was published while services still disagreed which it was; the next census mends that,
    and what employers see follows.
    """
    say(f"what the defences did: {audit.defences(deployment)}")
    log, newest = await audit.read_at_rest(deployment)
    for _ in range(0 if whole else CENSUSES_S // LOOK_EVERY_S):
        if not audit.stale_ends(log, newest):
            break
        await asyncio.sleep(LOOK_EVERY_S)
        log, newest = await audit.read_at_rest(deployment)
    say(f"{log.records} records of {len(log.events)} keys")
    assert audit.stale_ends(log, newest) == []
    assert audit.doubled(log) == []
    assert await audit.unread_matches(deployment, newest) == []
    if whole:
        assert audit.disordered(log) == []
        assert audit.gaps(log) == []
        assert audit.impossible_lives(log) == []


async def test_nothing_is_lost_or_doubled_on_the_embedded_profile(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, say)
    tmp_path.mkdir(exist_ok=True)
    deployment.set_day(FIRST_DAY)
    async with deployment:
        rehearsal = Rehearsal(deployment, Plan(SEED, EVENTS))
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
            rehearsal = Rehearsal(deployment, Plan(SEED, EVENTS, broker_restarts=1), restart_broker)
            try:
                await rehearse(rehearsal, whole=True)
                await demand_exact_log(deployment, whole=True)
            finally:
                await rehearsal.close()
    finally:
        await asyncio.to_thread(kafka.close)
