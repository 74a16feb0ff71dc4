"""What an employer does with webhooks, and a process that sends meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from makersync.runtime.service import Context
from makersync.runtime.webhooks import webhook_sender
from services.openings.tests.conftest import Caller

URL = "https://ats.example.org/hooks"
PATH = "/v1/webhooks"


@asynccontextmanager
async def sending(context: Context) -> AsyncIterator[None]:
    """A process sends meanwhile."""
    stop = asyncio.Event()
    running = asyncio.create_task(webhook_sender(context).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.01)


async def created(caller: Caller, url: str = URL, **wanted: Any) -> dict[str, Any]:
    answer = await caller.post(PATH, {"url": url, **wanted})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refused(caller: Caller, status: int, **wanted: Any) -> str:
    answer = await caller.post(PATH, {"url": URL} | wanted)
    assert answer.status_code == status, answer.text
    return str(answer.json()["rule"])
