"""A long step counts as progress while the event loop is responsive, but not forever."""

import asyncio

import pytest

from makersync.effects import long_steps
from makersync.effects.long_steps import long_step


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_steps, "EVERY_S", 0.001)


async def ticks_of(step_s: float, longest_s: int) -> int:
    ticks: list[None] = []
    async with long_step(lambda: ticks.append(None), longest_s):
        await asyncio.sleep(step_s)
    return len(ticks)


async def test_a_long_step_makes_progress_up_to_its_limit() -> None:
    assert await ticks_of(0.2, longest_s=10) == 11
    assert await ticks_of(0.2, longest_s=1000) > 11


async def test_the_end_of_a_step_is_progress() -> None:
    assert await ticks_of(0.0, longest_s=1000) == 1


async def test_a_failed_step_makes_no_further_progress() -> None:
    ticks: list[None] = []
    with pytest.raises(RuntimeError):
        async with long_step(lambda: ticks.append(None)):
            raise RuntimeError
    await asyncio.sleep(0.02)
    assert len(ticks) == 1
