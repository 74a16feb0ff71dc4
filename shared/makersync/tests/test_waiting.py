"""Waiting for an event, with a limit."""

import asyncio

import pytest

from makersync.waiting import pause


@pytest.mark.parametrize("steps", range(4))
async def test_a_cancellation_that_arrives_with_the_event_is_not_lost(steps: int) -> None:
    event = asyncio.Event()
    task = asyncio.create_task(pause(event, 60))
    await asyncio.sleep(0.01)
    event.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    was_under_way = task.cancel()
    await asyncio.wait({task})
    assert task.cancelled() == was_under_way


async def test_a_pause_ends_with_its_time_or_its_event() -> None:
    event = asyncio.Event()
    await pause(event, 0.01)
    event.set()
    async with asyncio.timeout(10):
        await pause(event, 60)
