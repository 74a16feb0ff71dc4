"""What the market promises when its own ground gives way: databases are restored or lost, and others write into its topics.

As in `test_crash`, the services run as real processes under traffic of every kind. At seeded moments somebody else writes
nulls, garbage, late copies and records astray, and leaves control records at the ends of partitions; databases are put back to
an earlier state, or lost. Each such service says so and takes no change until it is reconciled, and at rest the shortlists that
employers see equal the rules applied to what was said, pair by pair.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.demands import demand_exact_log, rehearse, say
from tests.faults.deployment import SERVICES, Deployment
from tests.faults.rehearsal import Plan, Rehearsal
from tests.faults.test_crash import EVENTS, SEED
from tests.faults.traffic import FIRST_DAY
from tests.servers.kafka import KafkaServer

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900)]


async def test_what_was_restored_or_hurt_is_told_and_mended_on_the_embedded_profile(tmp_path: Path) -> None:
    plan = Plan(SEED, EVENTS // 12, kills=2, pauses=0, days=1, wrong_records=12, restored=SERVICES, lost=("matching",))
    await _play(Deployment(tmp_path, say), plan)


async def test_what_was_restored_or_hurt_is_told_and_mended_on_the_cluster_profile(
    tmp_path: Path, kafka_server: KafkaServer, new_database: Callable[[str], str]
) -> None:
    databases = {service: new_database(service) for service in SERVICES}
    deployment = Deployment(tmp_path, say, kafka_server.address, databases)
    plan = Plan(SEED, EVENTS // 8, kills=2, pauses=1, days=1, wrong_records=12, control_records=6)
    await _play(deployment, replace(plan, restored=SERVICES, lost=("matching",)))


async def _play(deployment: Deployment, plan: Plan) -> None:
    deployment.set_day(FIRST_DAY)
    async with deployment:
        rehearsal = Rehearsal(deployment, plan)
        try:
            await rehearse(rehearsal, whole=False)
            await demand_exact_log(deployment, whole=False)
        finally:
            await rehearsal.close()
