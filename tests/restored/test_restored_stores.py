"""Stores that are taken back to an earlier moment, each alone and all together, or lost, on PostgreSQL and Kafka.

Matching alone is restored and lost in `tests/faults/test_damage.py`, under traffic, and so are front doors that take the
log's word. With an operator's commands nobody who withdrew is on a list again, what is written then takes effect, and all
truths are one.
"""

from collections.abc import Sequence

import pytest

from tests.faults.deployment import SERVICES
from tests.restored.town import TAKE_LOG, Town

ABOVE = "--above"
pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


async def test_restored_and_lost_stores_are_brought_together_with_their_log(town: Town) -> None:
    await town.found()
    for services, choice in ((["openings"], ABOVE), (["learners"], ABOVE), (SERVICES, TAKE_LOG)):
        await restored(town, services, choice)
    await town.audit()
    await lost(town)
    await town.audit()


async def restored(town: Town, services: Sequence[str], choice: str) -> None:
    town.say(f"--- restored: {', '.join(services)} {choice}")
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
    town.say("--- lost: all")
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
