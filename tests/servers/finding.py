"""How a server is found: the first way that works; when none does, what each of them would have needed."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol, TypeVar

import pytest

T = TypeVar("T")

REQUIRED = "MAKERSYNC_REQUIRE_SERVERS"


class Host(Protocol):
    """What a server runs in: a container or a process. Its files outlive everything but `remove`."""

    def start(self, answers: Callable[[], bool], deadline_s: float) -> None:
        """Start and wait until it answers. Raises Unavailable."""
        ...

    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def pause(self) -> None:
        """Keep its connections open and answer nothing."""
        ...

    def unpause(self) -> None: ...
    def remove(self) -> None: ...


class Unavailable(Exception):
    """This way leads to no server; the message says what it would need."""


def first_that_works(what: str, ways: Iterable[Callable[[], T]]) -> T:
    """The result of the first way that is available. Else the test is skipped, or failed when servers are required."""
    reasons = []
    for way in ways:
        try:
            return way()
        except Unavailable as reason:
            reasons.append(str(reason))
    message = f"no {what}: it needs one of: {'; '.join(reasons)}"
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(message)
    pytest.skip(message)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run_apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end in a loop and a thread of its own, so that it also works below a running loop."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def target() -> None:
        try:
            outcome.append(asyncio.run(work()))
        except BaseException as error:  # noqa: BLE001 it is raised again in the caller's thread
            failure.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def wait_until(answers: Callable[[], bool], lives: Callable[[], bool], deadline_s: float, what: str) -> None:
    """Raises Unavailable when `what` does not answer in time, or ends before it does."""
    until = time.monotonic() + deadline_s
    while not answers():
        if not lives():
            raise Unavailable(f"{what}: it ended at once")
        if time.monotonic() > until:
            raise Unavailable(f"{what}: it did not answer within {deadline_s:g} s")
        time.sleep(0.1)
