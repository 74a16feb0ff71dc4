"""The loop of a sender: it claims what can be sent, works on several attempts at a time, and ends in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from makersync.clock import Clock
from makersync.errors import RetryLater
from makersync.log_rate_limit import LogRateLimit
from makersync.store.database import Store
from makersync.waiting import pause

log = structlog.get_logger(__name__)
Claimed = TypeVar("Claimed")
Result = TypeVar("Result")
#: However often there is a commit, looks are so far apart, seconds.
LEAST_S = 0.05
RETRY_S = 1.0
#: Pauses between tries to read what is to be sent, or to keep what came of it, seconds; far less than a lease lasts.
AGAIN_AFTER_S = (0.2, 1.0, 5.0)
#: What is under way when the process is to end has so long, seconds.
LAST_S = 5.0


@dataclass(frozen=True, slots=True)
class LoopPace:
    """How often to look for what other processes wrote and for what has become due, seconds, and how many attempts may be under
    way."""

    poll_s: float
    most_at_once: int


class AttemptLoop(Generic[Claimed]):
    """`claims` yields what was claimed, at most so many; `send` works on one, and may raise RetryLater: what cannot be recorded
    is claimed again once its lease is over. `name` begins the names of its lines in the log. `rounds` grows with every look."""

    def __init__(
        self,
        name: str,
        store: Store,
        clock: Clock,
        claims: Callable[[int], AsyncIterator[Claimed]],
        send: Callable[[Claimed], Awaitable[None]],
        pace: LoopPace,
    ) -> None:
        self._name, self._store, self._claims, self._send, self._pace = name, store, claims, send, pace
        self._has_room, self._has_news = asyncio.Event(), asyncio.Event()
        self._log_limit = LogRateLimit(clock.monotonic)
        self._under_way: set[asyncio.Task[None]] = set()
        self.rounds = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; what is under way then is given a few seconds."""
        silence = self._store.after_commit(self._has_news.set)
        try:
            await self._work(stop)
        finally:
            silence()
            await self._finish()

    async def _work(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._has_news.set())
        try:
            while not stop.is_set():
                self.rounds += 1
                try:
                    await self._start_some()
                    await self._pause()
                except RetryLater as error:
                    self._log_waiting(error)
                    await pause(self._has_news, RETRY_S)
        finally:
            stopping.cancel()

    async def _pause(self) -> None:
        """What an attempt that has ended leaves room for is looked for at once, and for what else is new not that often."""
        await pause(self._has_room, LEAST_S)
        if not self._has_room.is_set():
            await pause(self._has_news, self._pace.poll_s)
        self._has_room.clear()
        self._has_news.clear()

    async def _start_some(self) -> None:
        async for claimed in self._claims(self._pace.most_at_once - len(self._under_way)):
            self._start(claimed)

    def _start(self, claimed: Claimed) -> None:
        task = asyncio.create_task(self._send_or_leave(claimed))
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._has_room.set()
        self._has_news.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error(f"{self._name}_attempt_broke", exc_info=error)

    async def _send_or_leave(self, claimed: Claimed) -> None:
        try:
            await self._send(claimed)
        except RetryLater as error:
            self._log_waiting(error)

    async def _finish(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LAST_S)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _log_waiting(self, error: Exception) -> None:
        if self._log_limit.allows("waiting"):
            suppressed = self._log_limit.take_suppressed("waiting")
            log.warning("sender_waiting", sends=self._name, reason=str(error), suppressed=suppressed)


async def patiently(step: Callable[[], Awaitable[Result]]) -> Result:
    """What is given up here waits for the end of the lease, so a database that is away for a moment is asked again."""
    for pause_s in AGAIN_AFTER_S:
        try:
            return await step()
        except RetryLater:
            await asyncio.sleep(pause_s)
    return await step()
