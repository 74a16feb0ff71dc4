"""Steps that may take minutes: to load a region of a million matches, to write what follows from a new policy."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LONGEST_STEP_S = 900
EVERY_S = 1.0


@asynccontextmanager
async def long_step(tick: Callable[[], None], longest_s: int = LONGEST_STEP_S) -> AsyncIterator[None]:
    """While the step is under way and the event loop turns, `tick` once a second: that is progress, for so long at most."""

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
