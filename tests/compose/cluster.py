"""One run of `docker-compose.yml` under a project name, a tag and ports of its own."""

import json
import os
import shutil
import signal
import subprocess
import uuid
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.servers.finding import free_port

ROOT = Path(__file__).parents[2]
SERVICES = ("openings", "learners", "matching")
WORKERS = tuple(f"{service}-worker" for service in SERVICES)
PORTS = ("OPENINGS_PORT", "LEARNERS_PORT", "MATCHING_PORT", "KAFKA_PORT", "POSTGRES_PORT")
#: As an operator's docker-compose.override.yml says it.
MORE_WORKERS = "services: {matching-worker: {deploy: {replicas: 2}}}\n"
LONGEST_COMMAND_S = 600


class ComposeCluster:
    """`docker compose` with a project of its own. Commands that fail raise, with what they printed."""

    def __init__(self, folder: Path) -> None:
        self.project = f"makersync-test-{uuid.uuid4().hex[:8]}"
        self._ports = {name: free_port() for name in PORTS}
        self._settings, self._override = folder / "compose.env", folder / "docker-compose.override.yml"
        lines = [*(f"{name}={port}" for name, port in self._ports.items()), f"MAKERSYNC_TAG={self.project}"]
        self._settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._override.write_text(MORE_WORKERS, encoding="utf-8")

    def build(self) -> None:
        self.compose("build")

    def configure(self, name: str, value: str) -> None:
        """As an operator does in `.env`."""
        with self._settings.open("a", encoding="utf-8") as settings:
            settings.write(f"{name}={value}\n")

    def up(self) -> None:
        """Start what does not run, and wait until all of it is healthy."""
        try:
            self.compose("up", "--detach", "--wait")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from error

    def down(self, *options: str) -> None:
        self.compose("down", "--timeout", "20", *options)

    def remove(self) -> None:
        """Everything that this run made: containers, volumes, images."""
        self.down("--volumes", "--remove-orphans")
        docker("image", "rm", "--force", *(f"makersync/{service}:{self.project}" for service in SERVICES))

    def address(self, service: str) -> str:
        """host:port of a service, of Kafka or of PostgreSQL, as published."""
        return f"127.0.0.1:{self._ports[f'{service.upper()}_PORT']}"

    def operator_key(self, service: str) -> str:
        return self.compose(
            "run", "--rm", "--no-deps", "--entrypoint", "cat", f"{service}-bootstrap", "/run/makersync/operator.key"
        ).strip()

    def run_in(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """The outcome of a command inside a running container, whatever it is."""
        return _finished([*self._compose, "exec", "--no-TTY", service, *command])

    def run_in_each(self, service: str, *command: str) -> list[subprocess.CompletedProcess[str]]:
        """The outcome of a command inside every running container of a service."""
        containers = self.compose("ps", "--quiet", service).split()
        return [_finished(["docker", "exec", container, *command]) for container in containers]

    def kill_process(self, service: str) -> None:
        """As a crash would: the main process of the service's first container dies, and the restart policy has to notice."""
        os.kill(int(self.inspect(service)["State"]["Pid"]), signal.SIGKILL)

    def kill_containers(self, *services: str) -> None:
        """As an operator would: such a container stays down until somebody starts it."""
        self.compose("kill", "--signal", "KILL", *services)

    def start(self, *services: str) -> None:
        self.compose("up", "--detach", "--no-deps", "--no-recreate", "--wait", *services)

    def running(self) -> frozenset[str]:
        """Ids of the containers that run now."""
        return frozenset(self.compose("ps", "--quiet").split())

    def inspect(self, service: str) -> dict[str, Any]:
        """What Docker knows of the service's first container."""
        first = self.compose("ps", "--all", "--quiet", service).split()[0]
        found: list[dict[str, Any]] = json.loads(docker("inspect", first))
        return found[0]

    def logs(self) -> str:
        return self.compose("logs", "--no-color", "--tail", "15")

    def compose(self, *arguments: str) -> str:
        return _run([*self._compose, *arguments])

    @cached_property
    def environment(self) -> dict[str, str]:
        """With which a plain `docker compose`, wherever it is called, is about this cluster."""
        files = os.pathsep.join(map(str, (ROOT / "docker-compose.yml", self._override)))
        ours = {"COMPOSE_PROJECT_NAME": self.project, "COMPOSE_FILE": files, "COMPOSE_ENV_FILES": str(self._settings)}
        return os.environ | ours

    @cached_property
    def _compose(self) -> list[str]:
        files = ["--file", str(ROOT / "docker-compose.yml"), "--file", str(self._override)]
        return ["docker", "compose", *files, "--project-name", self.project, "--env-file", str(self._settings)]


def require_docker() -> None:
    if shutil.which("docker") is None or _finished(["docker", "info"]).returncode != 0:
        pytest.skip("needs a running Docker")
    if _finished(["docker", "compose", "version"]).returncode != 0:
        pytest.skip("needs Docker Compose")


def docker(*arguments: str) -> str:
    return _run(["docker", *arguments])


def _run(command: list[str]) -> str:
    done = _finished(command)
    assert done.returncode == 0, (
        f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}"
    )
    return done.stdout


def _finished(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_COMMAND_S)
