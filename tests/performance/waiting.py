"""Waits of the bench: each ends, and says what it waited for."""

import asyncio
from collections.abc import Awaitable, Callable

STEP_S = 0.005
PATIENCE_S = 300.0


class BenchStuck(Exception):
    """Something that is measured did not come to its end."""


async def until(
    what: str, holds: Callable[[], Awaitable[bool]], step_s: float = STEP_S, patience_s: float = PATIENCE_S
) -> None:
    """Raises BenchStuck past the patience."""
    try:
        async with asyncio.timeout(patience_s):
            while not await holds():
                await asyncio.sleep(step_s)
    except TimeoutError as error:
        raise BenchStuck(f"{what}: not within {patience_s:g} s") from error
