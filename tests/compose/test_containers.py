"""What containers and roles may do, and what of them is reached from outside."""

import json
import os
import subprocess
import sys
import time

import pytest

from contracts.topics import TOPICS
from tests.compose.cluster import SERVICES, WORKERS, ComposeCluster, docker

# The first test waits for the images to be built.
pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]


def test_no_process_of_a_container_is_root(cluster: ComposeCluster) -> None:
    """Whoever checks a container's health is root for the moment until the check begins: a process counts that stays so."""
    for container in cluster.running():
        looks = []
        for _ in range(3):
            _heading, *processes = docker("top", container, "-eo", "pid,uid").splitlines()
            assert processes
            looks.append({pid for pid, uid in map(str.split, processes) if int(uid) == 0})
            if not looks[-1]:
                break
            time.sleep(1.0)
        assert not set.intersection(*looks), (container, looks)


def test_services_run_without_privileges_on_a_read_only_file_system(cluster: ComposeCluster) -> None:
    for service in (*SERVICES, *WORKERS):
        host = cluster.inspect(service)["HostConfig"]
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"] and not host["CapAdd"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert host["Memory"] > 0
        assert cluster.run_in(service, "touch", "/opt/makersync/new").returncode != 0


def test_images_carry_no_compiler(cluster: ComposeCluster) -> None:
    for service in SERVICES:
        assert cluster.run_in(service, "sh", "-c", "command -v cc gcc g++ clang make").stdout == ""


def test_ports_are_published_on_this_machine_only(cluster: ComposeCluster) -> None:
    for container in cluster.running():
        (inspected,) = json.loads(docker("inspect", container))
        published = [binding for bindings in inspected["NetworkSettings"]["Ports"].values() for binding in bindings or ()]
        is_worker = inspected["Config"]["Labels"]["com.docker.compose.service"] in WORKERS
        assert {binding["HostIp"] for binding in published} == (set() if is_worker else {"127.0.0.1"})


def test_no_container_fills_the_disk_with_what_it_says(cluster: ComposeCluster) -> None:
    for container in docker(
        "ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={cluster.project}"
    ).split():
        (inspected,) = json.loads(docker("inspect", container))
        log = inspected["HostConfig"]["LogConfig"]
        assert (log["Type"], log["Config"]) == ("json-file", {"max-size": "10m", "max-file": "5"})


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_cannot_connect_to_a_database_of_another(cluster: ComposeCluster, service: str) -> None:
    def connect(database: str) -> subprocess.CompletedProcess[str]:
        login = f"PGPASSWORD=$(cat /run/postgres/{service}) psql --host 127.0.0.1 --username {service} --dbname {database}"
        return cluster.run_in("postgres", "bash", "-c", f"{login} --command 'SELECT 1'")

    assert connect(service).returncode == 0
    for other in {*SERVICES, "postgres", "template1"} - {service}:
        refused = connect(other)
        assert refused.returncode != 0 and "permission denied for database" in refused.stderr, refused


def test_a_service_cannot_read_the_secrets_of_another(cluster: ComposeCluster) -> None:
    secrets = {cluster.run_in(service, "cat", "/run/makersync/pgpass").stdout for service in SERVICES}
    peppers = {cluster.run_in(service, "cat", "/run/makersync/key-pepper").stdout for service in SERVICES}
    assert len(secrets) == len(peppers) == len(SERVICES)
    for service in SERVICES:
        sources = {mount["Name"].removeprefix(f"{cluster.project}_") for mount in cluster.inspect(service)["Mounts"]}
        assert sources == {f"{service}-secrets"}


def test_senders_alone_can_read_the_password_of_the_mail_server(cluster: ComposeCluster) -> None:
    """It is empty where the operator names no file."""
    for container in (*SERVICES, *WORKERS):
        sends = container in ("openings-worker", "learners-worker")
        read = cluster.run_in(container, "cat", "/run/mail/password")
        assert ((read.returncode == 0), read.stdout) == (sends, ""), read.stderr


def test_kafka_answers_outside_and_has_every_topic(cluster: ComposeCluster) -> None:
    environment = os.environ | {"MAKERSYNC_BROKER_ADDRESS": cluster.address("kafka"), "MAKERSYNC_PROFILE": "cluster"}
    create = [sys.executable, "-m", "makersync.cli.main", "topics", "create"]
    done = subprocess.run(create, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "All topics exist."), done.stderr
    listed = cluster.run_in("kafka", "/opt/kafka/bin/kafka-topics.sh", "--bootstrap-server", "localhost:9092", "--list")
    assert {topic.name for topic in TOPICS} <= set(listed.stdout.split())
