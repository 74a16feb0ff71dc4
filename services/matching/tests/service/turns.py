"""Coroutines driven by hand, so that a process can stand still or die at any of its awaits, and a database without threads.

Every operation of a database is one suspension, at which it has been done and the process does not know it yet; the suspension
before it is the one at which it has not been asked for. So a death at each suspension is a death on either side of everything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import suppress
from enum import Enum, auto
from functools import partial
from typing import Any

import aiosqlite.core
import pytest

from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Record, TopicPartition


class Died(BaseException):
    """The process is gone: nothing in it may catch this."""


class Fate(Enum):
    """What happens at a suspension."""

    GO_ON = auto()
    STAND = auto()
    DIE = auto()


class Turn(Awaitable[None]):
    """One turn of a process. `decide` is asked at each of its suspensions until it has died."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], decide: Callable[[], Fate]) -> None:
        self._coroutine, self._decide = coroutine, decide
        self._resume, self._stands = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[bool] | None = None
        self._is_doomed = False

    async def advance(self) -> bool:
        """Let it run until it has ended, and say True, or until it stands still. Raises Died."""
        self._stands.clear()
        self._resume.set()
        self._task = self._task or asyncio.ensure_future(self._run())
        standing = asyncio.ensure_future(self._stands.wait())
        await asyncio.wait({self._task, standing}, return_when=asyncio.FIRST_COMPLETED)
        standing.cancel()
        if self._task.done():
            if self._task.result():
                raise Died
            return True
        return False

    async def abandon(self) -> None:
        """End it where it stands."""
        self._is_doomed = True
        with suppress(Died):
            await self.advance()

    async def _run(self) -> bool:
        """Whether it died; as a value, because an event loop lets no such error pass."""
        try:
            await self
        except Died:
            return True
        return False

    def __await__(self) -> Generator[Any, None, None]:
        go_on: Callable[[], Any] = partial(self._coroutine.send, None)
        is_dead = False
        while True:
            try:
                waited = go_on()
            except StopIteration:
                return
            fate = Fate.GO_ON if is_dead else self._decide()
            if fate is Fate.DIE:
                is_dead, go_on = True, partial(self._coroutine.throw, Died())
                continue
            if fate is Fate.STAND:
                self._resume.clear()
                self._stands.set()
                yield from self._resume.wait().__await__()
                if self._is_doomed:
                    is_dead, go_on = True, partial(self._coroutine.throw, Died())
                    continue
            try:
                yield waited
                go_on = partial(self._coroutine.send, None)
            except BaseException as error:  # noqa: BLE001 - as a task would
                go_on = partial(self._coroutine.throw, error)


class PromptBroker(MemoryBroker):
    """Answers at once also when there is nothing to read: time is virtual, and nobody else writes meanwhile."""

    async def read(self, positions: dict[TopicPartition, int], max_records: int, timeout_s: float) -> dict[TopicPartition, Any]:
        await asyncio.sleep(0)
        taken: dict[TopicPartition, list[Record]] = self._take(positions, max_records)  # type: ignore[assignment]
        await asyncio.sleep(0)
        return taken


class _DoneAtOnce:
    """In place of a connection's queue and thread: what is asked for is done, and known one turn of the event loop later."""

    def put_nowait(self, asked: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, function = asked
        try:
            answer = partial(_set, future, function(), None)
        except Exception as error:  # noqa: BLE001 - handed to who asked
            answer = partial(_set, future, None, error)
        if future is not None:
            future.get_loop().call_soon(answer)


def _set(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


class _NoThread:
    daemon = True

    def __init__(self, **_arguments: Any) -> None:
        pass

    def start(self) -> None:
        """There is nothing to start."""


async def _inline(function: Callable[..., Any], *arguments: Any) -> Any:
    await asyncio.sleep(0)
    result = function(*arguments)
    await asyncio.sleep(0)
    return result


def without_threads(patch: pytest.MonkeyPatch) -> None:
    """From here on the same schedule is the same run, suspension by suspension."""
    patch.setattr(aiosqlite.core, "SimpleQueue", _DoneAtOnce)
    patch.setattr(aiosqlite.core, "Thread", _NoThread)
    patch.setattr(asyncio, "to_thread", _inline)
