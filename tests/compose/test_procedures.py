"""What an operator does when something is lost or wrong: the commands of docs/how-to/platform.md, as they stand there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.compose import market
from tests.compose.cluster import SERVICES, ComposeCluster, docker
from tests.compose.front_doors import Door, admit, eventually, settled
from tests.compose.procedures import procedures, run_procedure

#: Out of reach of the learners of other tests: on a shortlist that is full, whoever comes later is outranked.
WORKS, HOME = "98104", "98109"
pytestmark = [pytest.mark.compose, pytest.mark.procedure, pytest.mark.timeout(900)]


class Users:
    """An operator of each service, an employer and a provider; one opening, and a learner on its shortlist."""

    def __init__(self, operators: dict[str, Door], employer: Door, provider: Door) -> None:
        self.operators, self.employer, self.provider = operators, employer, provider
        self.opening_id = self.learner_id = ""

    async def shortlist(self) -> list[str]:
        found = await self.employer.read(f"/v1/openings/{self.opening_id}/shortlist")
        return [each["learner_id"] for each in found["candidates"]]

    async def add_learner(self, name: str) -> str:
        learner_id: str = (await self.provider.create("/v1/learners", market.learner(name, HOME)))["learner_id"]
        await self.provider.create(f"/v1/learners/{learner_id}/awards", market.award("nims:cnc-milling-operator"))
        await eventually(f"{name} on the shortlist", lambda: self._is_listed(learner_id))
        return learner_id

    async def _is_listed(self, learner_id: str) -> bool:
        return learner_id in await self.shortlist()

    async def close(self) -> None:
        for door in (*self.operators.values(), self.employer, self.provider):
            await door.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the operator keeps the backups."""
    return tmp_path_factory.mktemp("operator")


@pytest.fixture(scope="module")
def tokens(cluster: ComposeCluster) -> dict[str, str]:
    async def admitted() -> dict[str, str]:
        openings, learners = (door(cluster, service, cluster.operator_key(service)) for service in ("openings", "learners"))
        _, employer = await admit(openings, "employers", "Procedures Ltd", ["openings:read", "openings:write"])
        _, provider = await admit(learners, "providers", "School of Procedures", ["learners:read", "learners:write"])
        await openings.close()
        await learners.close()
        return {"employer": employer, "provider": provider}

    return asyncio.run(admitted())


def door(cluster: ComposeCluster, service: str, token: str) -> Door:
    return Door(f"http://{cluster.address(service)}", token)


@pytest.fixture
async def users(cluster: ComposeCluster, tokens: dict[str, str]) -> AsyncIterator[Users]:
    users = Users(
        {service: door(cluster, service, cluster.operator_key(service)) for service in SERVICES},
        door(cluster, "openings", tokens["employer"]),
        door(cluster, "learners", tokens["provider"]),
    )
    wanted = market.group("milling", "required", "nims:cnc-milling-operator")
    body = market.opening("Operator of procedures", WORKS, [wanted])
    users.opening_id = (await users.employer.create("/v1/openings", body))["opening_id"]
    yield users
    await users.close()


def lacks(cluster: ComposeCluster, service: str) -> str:
    """What the healthchecks of a service's workers say; empty when nothing is missing."""
    checks = cluster.run_in_each(f"{service}-worker", "makersync", service, "healthcheck")
    return "\n".join(check.stderr for check in checks if check.returncode)


async def says(cluster: ComposeCluster, service: str, words: str) -> None:
    async def said() -> bool:
        return words in await asyncio.to_thread(lacks, cluster, service)

    await eventually(f"{service} says {words!r}", said)


async def all_is_equal(cluster: ComposeCluster, users: Users) -> None:
    """Nothing waits, nothing is missing, and what is live equals the evaluation of the market."""
    await settled(list(users.operators.values()))
    for service in SERVICES:
        assert lacks(cluster, service) == ""
    for step in (("export",), ("verify",)):
        done = cluster.run_in("matching", "makersync", "market", *step, "/tmp/procedures.json")
        assert done.returncode == 0, done.stderr


async def run(name: str, cluster: ComposeCluster, folder: Path) -> str:
    return await asyncio.to_thread(run_procedure, name, cluster, folder)


async def test_a_store_that_was_restored_is_brought_together_with_its_log(
    cluster: ComposeCluster, users: Users, folder: Path
) -> None:
    stays = await users.add_learner("Stays Listed")
    await run("backup", cluster, folder)
    await users.add_learner("Registered Later")

    await run("restore", cluster, folder)
    await says(cluster, "learners", "makersync reconcile learners")
    refused = await users.provider.answer("/v1/learners", market.learner("Refused Meanwhile", HOME))
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:makersync:problem:writes-stopped")

    await run("reconcile", cluster, folder)
    await all_is_equal(cluster, users)
    assert stays in await users.shortlist()
    await users.add_learner("Registered Afterwards")


async def test_a_lost_matching_store_is_rebuilt(cluster: ComposeCluster, users: Users, folder: Path) -> None:
    listed = await users.add_learner("Known To Matching")

    await run("lost-matching", cluster, folder)

    await users.operators["matching"].close()
    users.operators["matching"] = door(cluster, "matching", cluster.operator_key("matching"))
    await all_is_equal(cluster, users)
    assert listed in await users.shortlist()


async def test_a_lost_log_is_published_again(cluster: ComposeCluster, users: Users, folder: Path) -> None:
    """Guards: until the operator has decided, readers are answered, writers refused, and no process starts again and again."""
    listed = await users.add_learner("Published Again")
    await asyncio.to_thread(lose_log, cluster)
    await says(cluster, "openings", "MAKERSYNC_REPLACED_LOG=republish")
    restarts = cluster.inspect("openings-worker")["RestartCount"]
    assert listed in await users.shortlist()
    refused = await users.employer.answer("/v1/openings", market.opening("Refused meanwhile", WORKS, []))
    assert refused.status_code == 503
    assert cluster.inspect("openings-worker")["RestartCount"] == restarts <= 2

    await run("lost-log", cluster, folder)

    await all_is_equal(cluster, users)
    await users.add_learner("Into The New Log")


def lose_log(cluster: ComposeCluster) -> None:
    cluster.compose("rm", "--stop", "--force", "kafka", "topics")
    docker("volume", "rm", f"{cluster.project}_kafka-data")
    # Asked for again until Kafka answers: the policy of a one-shot step.
    cluster.compose("up", "--detach", "kafka", "topics")


async def test_a_halted_partition_goes_on_once_an_operator_has_decided(
    cluster: ComposeCluster, users: Users, folder: Path
) -> None:
    garbage = "seq --format 'astray:%g' 150"
    write = "/opt/kafka/bin/kafka-console-producer.sh --bootstrap-server localhost:9092 --topic openings.opening.v1"
    keyed = "--reader-property parse.key=true --reader-property key.separator=:"
    written = cluster.run_in("kafka", "bash", "-c", f"{garbage} | {write} {keyed}")
    assert (written.returncode, written.stderr) == (0, "")
    await says(cluster, "matching", "matching.market partition")
    await says(cluster, "learners", "learners.openings partition")

    await run("halted", cluster, folder)

    for service in ("matching", "learners"):
        await goes_on(cluster, service)
    await all_is_equal(cluster, users)


async def goes_on(cluster: ComposeCluster, service: str) -> None:
    """Once what was left when its partition halted is set aside and dismissed as well."""
    again = f"makersync dead-letters dismiss --service {service} --all --because again --yes"
    await eventually(f"{service} lacks nothing", lambda: asyncio.to_thread(lambda: not lacks(cluster, service)))

    def succeeds() -> bool:
        return cluster.run_in(service, *again.split()).returncode == 0

    await eventually("the rest is set aside", lambda: asyncio.to_thread(succeeds))


async def test_added_partitions_are_named_and_taken_back(cluster: ComposeCluster, users: Users, folder: Path) -> None:
    script = (
        "/opt/kafka/bin/kafka-topics.sh --bootstrap-server localhost:9092 --alter --topic openings.opening.v1 --partitions 16"
    )
    assert cluster.run_in("kafka", "bash", "-c", script).returncode == 0
    await asyncio.to_thread(cluster.compose, "restart", "openings-worker")
    await says(cluster, "openings", "topic openings.opening.v1 has 16 partitions, not 8")

    await run("partitions", cluster, folder)

    await all_is_equal(cluster, users)
    await users.add_learner("In Eight Partitions")


async def test_a_date_that_has_not_come_is_taken_back(cluster: ComposeCluster, users: Users, folder: Path) -> None:
    await users.add_learner("Before The Clock")
    await asyncio.to_thread(cluster.compose, "stop", "matching-worker")
    ahead = "psql --username postgres --command 'UPDATE fence SET day = current_date + 40 WHERE day IS NOT NULL' matching"
    assert cluster.run_in("postgres", "bash", "-c", ahead).returncode == 0
    await asyncio.to_thread(cluster.compose, "start", "matching-worker")
    await says(cluster, "matching", "makersync matching set-day")

    await run("clock-ahead", cluster, folder)

    await eventually("matching lacks nothing", lambda: asyncio.to_thread(lambda: not lacks(cluster, "matching")))
    await all_is_equal(cluster, users)


async def test_the_time_zone_is_changed_for_all_services_at_once(cluster: ComposeCluster, users: Users, folder: Path) -> None:
    """The cluster stays in the new zone."""
    cluster.configure("TIME_ZONE", "America/Chicago")
    await asyncio.to_thread(cluster.compose, "up", "--detach", "--no-deps", "openings-worker")
    await says(cluster, "openings", "the days of this deployment end at midnight in UTC")

    said = await run("time-zone", cluster, folder)

    assert "midnight in America/Chicago, no longer in UTC" in said
    await all_is_equal(cluster, users)
    for operator in users.operators.values():
        assert (await operator.read("/v1/operations"))["time_zone"] == "America/Chicago"
    await users.add_learner("In Chicago")


async def test_another_operator_key_is_made_when_all_are_lost(cluster: ComposeCluster, folder: Path) -> None:
    said = await run("recover-key", cluster, folder)
    (key,) = [line for line in said.splitlines() if line.startswith("mks_")]
    operator = door(cluster, "openings", key)
    assert "outbox_unpublished" in await operator.read("/v1/operations")
    await operator.close()


async def test_an_upgrade_is_one_command(cluster: ComposeCluster, users: Users, folder: Path) -> None:
    await run("upgrade", cluster, folder)
    await all_is_equal(cluster, users)


async def test_an_employer_goes_on_after_its_front_door_lost_everything(
    cluster: ComposeCluster, users: Users, folder: Path
) -> None:
    """Goes last of those with users: the keys that they share end with the database."""
    listed = await users.add_learner("Listed All Along")
    before = await users.employer.read(f"/v1/openings/{users.opening_id}")

    await run("lost-front-door", cluster, folder)

    await users.operators["openings"].close()
    operator = users.operators["openings"] = door(cluster, "openings", cluster.operator_key("openings"))
    await all_is_equal(cluster, users)
    employer = f"/v1/employers/{before['employer_id']}"
    await operator.answer(f"{employer}/restoration", {"name": "Procedures Ltd"})
    issued = await operator.create(f"{employer}/keys", {"name": "new", "scopes": ["openings:read", "openings:write"]})
    await users.employer.close()
    users.employer = door(cluster, "openings", issued["token"])
    assert listed in await users.shortlist()
    opening = f"/v1/openings/{users.opening_id}"
    closed = await users.employer.answer(f"{opening}/closing", version=(await users.employer.read(opening))["version"])
    assert closed.is_success, closed.text


def test_every_procedure_is_run() -> None:
    seen = {
        "backup",
        "restore",
        "reconcile",
        "lost-front-door",
        "lost-matching",
        "lost-log",
        "halted",
        "partitions",
        "clock-ahead",
        "time-zone",
        "recover-key",
        "upgrade",
    }
    assert set(procedures()) == seen


def test_a_backup_is_for_its_owner_alone(folder: Path) -> None:
    files = list((folder / "backup").iterdir())
    assert {file.name for file in files} == {*(f"{each}.dump" for each in SERVICES), "secrets.tar"}
    assert not any(file.stat().st_mode & 0o077 for file in files)
