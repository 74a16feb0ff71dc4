"""A process that sends, and dies at its nth await: at once, without any cleaning up."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any

from sqlalchemy import event

from makersync.store.database import Store

from .conftest import Market, send_all

DIED = 7


class Mortal:
    """Runs a coroutine, and at one of its awaits ends the process, or does what else it is told."""

    def __init__(
        self, coroutine: Coroutine[Any, Any, None], dies_at: int, die: Callable[[], Any] = lambda: os._exit(DIED)
    ) -> None:
        self._coroutine, self._left, self._die = coroutine, dies_at, die

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self._coroutine.__await__()
        go_on: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                waited_for = go_on()
            except StopIteration:
                return
            self._left -= 1
            if self._left == 0:
                self._die()
            try:
                yield waited_for
                go_on = partial(next, steps)
            except BaseException as error:  # noqa: BLE001 - as a task would
                go_on = partial(steps.throw, error)


def live(url: str, owner: str, dies_at: int) -> None:
    """Send everything that can be sent, or die."""
    asyncio.run(_live(url, owner, dies_at))


def live_together(url: str, owner: str, dies_at: int) -> None:
    """Send at once what can be sent at once, or die before the nth statement or commit."""
    asyncio.run(_live_together(url, owner, dies_at))


async def _live_together(url: str, owner: str, dies_at: int) -> None:
    market = Market(Store(url))
    await market.store.ping()
    left = iter(range(dies_at - 1, -1, -1))

    def step(*_given: Any) -> None:
        if next(left, -1) == 0:
            os._exit(DIED)

    for name in ("before_cursor_execute", "commit"):
        event.listen(market.store.engine.sync_engine, name, step)
    sender = market.sender(owner)
    while claimed := await sender.claim_some(100):
        await asyncio.gather(*map(sender.send, claimed))
    await market.store.close()


async def _live(url: str, owner: str, dies_at: int) -> None:
    market = Market(Store(url))
    # What is prepared is no part of the work.
    await market.store.ping()

    async def work() -> None:
        await send_all(market.sender(owner))

    async def mortal() -> None:
        await Mortal(work(), dies_at)

    await asyncio.create_task(mortal())
    await market.store.close()
