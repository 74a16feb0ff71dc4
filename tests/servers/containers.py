"""Containers of official images, published on 127.0.0.1 only."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import docker  # type: ignore[import-untyped]
from docker.errors import DockerException  # type: ignore[import-untyped]

from tests.servers.finding import Unavailable, wait_until

# The images' own life is the test session's: no container that cleans up after it, which would have to be pulled.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

from testcontainers.core.container import DockerContainer

#: Removing the files of hundreds of databases takes a busy machine longer than Docker's client waits by itself.
PATIENCE_S = 300


class Container:
    """One container with one port, the same inside and outside."""

    def __init__(self, image: str, port: int, inside: int, environment: Mapping[str, str], command: Sequence[str] = ()) -> None:
        _check_docker()
        self._container = DockerContainer(image, docker_client_kw={"timeout": PATIENCE_S})
        self._container.env.update(environment)
        self._container.ports[f"{inside}/tcp"] = ("127.0.0.1", port)  # type: ignore[assignment]
        if command:
            self._container.with_command(list(command))
        self._has_answered = False
        self._what = f"a Docker that can run {image}"

    def start(self, answers: Callable[[], bool], deadline_s: float) -> None:
        """Start and wait. Raises Unavailable; a container that never answered is then gone."""
        try:
            self._create_or_start()
            wait_until(answers, self._lives, deadline_s, "the container")
        except (DockerException, Unavailable) as error:
            if not self._has_answered:
                self.remove()
            raise Unavailable(f"{self._what} ({error})") from error
        self._has_answered = True

    def _create_or_start(self) -> None:
        if self._has_answered:
            self._wrapped.start()
        else:
            self._container.start()

    def stop(self) -> None:
        self._wrapped.stop(timeout=20)

    def kill(self) -> None:
        self._wrapped.kill()

    def pause(self) -> None:
        self._wrapped.pause()

    def unpause(self) -> None:
        self._wrapped.unpause()

    def remove(self) -> None:
        self._container.stop()

    @property
    def _wrapped(self) -> Any:
        return self._container.get_wrapped_container()

    def _lives(self) -> bool:
        self._wrapped.reload()
        return bool(self._wrapped.status == "running")


def _check_docker() -> None:
    try:
        client = docker.from_env()
    except DockerException as error:
        raise Unavailable("a running Docker") from error
    client.close()
