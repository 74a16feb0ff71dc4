"""A Kafka broker for tests: one that MAKERSYNC_TEST_KAFKA names, else in Docker, else from Maven's jars on this Java."""

import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import pytest

from makersync.broker.embedded import wait_until_answers
from makersync.broker.port import BrokerAway
from tests.servers.finding import Host, Unavailable, first_that_works, free_port, run_apart
from tests.servers.processes import ServerProcess

ADDRESS = "MAKERSYNC_TEST_KAFKA"
#: Another name for the official image, for places that keep a copy of their own.
IMAGE = "MAKERSYNC_TEST_KAFKA_IMAGE"
OFFICIAL_IMAGE = "apache/kafka:4.3.1"
POM = Path(__file__).with_name("kafka-pom.xml")
CLASSPATH = Path(__file__).parents[2] / "build" / "kafka.classpath"
START_S = 120.0
#: Longer than Kafka takes to start: aiokafka leaves a connection open when its own start is cut short, and fails the test that
#: runs then.
LOOK_S = 30.0
PAUSE_S, SILENCE_S = 10.0, 0.5
CLUSTER_ID = "5L6g3nShT-eMCtK--X86sw"
HEAP = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC")
#: What one broker alone needs, and what lets tests be quick.
PROPERTIES = {
    "node.id": "1",
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "auto.create.topics.enable": "false",
}


class KafkaServer:
    """A broker. `session_s` is the shortest session timeout that it takes.

    Stopping needs a broker of our own: a test that wants to stop somebody else's is skipped. The log outlives it.
    """

    def __init__(self, address: str, host: Host | None) -> None:
        self.address = address
        self.session_s = 2.0 if host else 6.0
        self._host = host

    def start(self) -> None:
        self._own().start(partial(_answers, self.address), START_S)

    def stop(self) -> None:
        self._own().stop()

    def kill(self) -> None:
        self._own().kill()

    def pause(self) -> None:
        """Keep its connections open and answer nothing. Returns once that is so: on a busy machine it can take a moment."""
        self._own().pause()
        until = time.monotonic() + PAUSE_S
        while _is_heard(self.address):
            assert time.monotonic() < until, "the broker goes on answering although it is paused"

    def unpause(self) -> None:
        self._own().unpause()

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop our own for good and remove what it wrote."""
        if self._host:
            self._host.remove()

    def _own(self) -> Host:
        return self._host or pytest.skip(f"the broker that {ADDRESS} names is not ours to stop")


def find_kafka() -> KafkaServer:
    return first_that_works("Kafka", (_named, in_docker, from_jars))


def _named() -> KafkaServer:
    address = os.environ.get(ADDRESS)
    if not address:
        raise Unavailable(f"{ADDRESS}=host:port")
    return KafkaServer(address, None)


def in_docker() -> KafkaServer:
    from tests.servers.containers import Container

    port, controller_port = free_port(), 9093
    listeners = f"PLAINTEXT://:{port},CONTROLLER://:{controller_port}"
    variables = {_variable(name): value for name, value in _properties(port, controller_port, listeners).items()}
    image = os.environ.get(IMAGE, OFFICIAL_IMAGE)
    return _started(port, Container(image, port, port, {**variables, "KAFKA_HEAP_OPTS": " ".join(HEAP)}))


def from_jars() -> KafkaServer:
    classpath = _classpath()
    folder = Path(tempfile.mkdtemp(prefix="makersync-kafka-"))
    port, controller_port = free_port(), free_port()
    listeners = f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}"
    settings = _properties(port, controller_port, listeners) | {"log.dirs": str(folder / "log")}
    file = folder / "server.properties"
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    java = ["java", *HEAP, "-cp", classpath]
    _run([*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(file)])
    return _started(port, ServerProcess([*java, "kafka.Kafka", str(file)], folder))


def _started(port: int, host: Host) -> KafkaServer:
    server = KafkaServer(f"127.0.0.1:{port}", host)
    server.start()
    return server


def _properties(port: int, controller_port: int, listeners: str) -> dict[str, str]:
    return PROPERTIES | {
        "controller.quorum.voters": f"1@localhost:{controller_port}",
        "listeners": listeners,
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
    }


def _variable(name: str) -> str:
    """How Kafka's image takes a property."""
    return "KAFKA_" + name.upper().replace(".", "_")


def _classpath() -> str:
    """Kafka's jars in Maven's own store; asked for once."""
    if missing := [tool for tool in ("java", "mvn") if not shutil.which(tool)]:
        raise Unavailable(f"Java 17 and Maven ({' and '.join(missing)} missing)")
    if not CLASSPATH.exists() or not all(Path(jar).exists() for jar in CLASSPATH.read_text().split(os.pathsep)):
        CLASSPATH.parent.mkdir(exist_ok=True)
        _run(["mvn", "-q", "-f", str(POM), "dependency:build-classpath", f"-Dmdep.outputFile={CLASSPATH}"])
    return CLASSPATH.read_text().strip()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"a {command[0]} that works ({(done.stdout + done.stderr).strip()[-300:]})")


def _is_heard(address: str) -> bool:
    """Whether the broker answers which versions it has (the request ApiVersions, version 0, without a client's name)."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=SILENCE_S) as connection:
        connection.sendall(struct.pack(">ihhih", 10, 18, 0, 1, -1))
        try:
            return bool(connection.recv(1))
        except TimeoutError:
            return False


def _answers(address: str) -> bool:
    try:
        run_apart(lambda: wait_until_answers(address, deadline_s=LOOK_S))
    except BrokerAway:
        return False
    return True
