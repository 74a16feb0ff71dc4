"""Waiting until an event is set, for a limited time."""

import asyncio
from contextlib import suppress


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait for `seconds`, or until `stop` is set.

    `asyncio.wait_for` is not used anywhere: on Python 3.11 it swallows a cancellation that arrives together with the event,
    and the group of the task would wait for it forever.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
