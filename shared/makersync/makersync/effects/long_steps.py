"""Keeps the watchdog satisfied during steps that take minutes, such as loading a region with a million matches."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LONGEST_STEP_S = 900
EVERY_S = 1.0


@asynccontextmanager
async def long_step(tick: Callable[[], None], longest_s: int = LONGEST_STEP_S) -> AsyncIterator[None]:
    """Call `tick` once a second while the step runs and the event loop is responsive, for at most `longest_s` seconds."""

    async def tick_on() -> None:
        for _ in range(longest_s):
            await asyncio.sleep(EVERY_S)
            tick()

    ticking = asyncio.create_task(tick_on())
    try:
        yield
    finally:
        ticking.cancel()
        tick()
