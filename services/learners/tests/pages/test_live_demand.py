"""An open page of demand is told of what changes on it, over a real connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx
from fastapi import FastAPI

from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context
from services.learners.tests.conftest import Caller
from services.learners.tests.events import Feed, signal
from services.learners.tests.introducing import asked, candidate
from tests.visiting.browser import Browser
from tests.visiting.serving import served

from .conftest import COOKIE

SOON_S = 20.0


async def changes(address: str, instructor: Browser) -> AsyncIterator[str]:
    """The names of the events that the page is sent."""
    cookie = {"Cookie": f"{COOKIE.name}={instructor.http.cookies[COOKIE.name]}"}
    async with (
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=SOON_S) as http,
        http.stream("GET", "/changes", headers=cookie) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                yield line.removeprefix("event: ")


async def test_a_page_is_told_of_new_signals_and_not_of_introductions(
    app: FastAPI, context: Context, instructor: Browser, york: Caller, feed: Feed, numbering: Numbering
) -> None:
    learner_id = await candidate(york)
    async with (
        asyncio.timeout(3 * SOON_S),
        aclosing(served(app, context)) as serving,
        aclosing(changes(await anext(serving), instructor)) as told,
    ):
        assert await anext(told) == "connected"
        await feed.batch(asked(learner_id))
        await numbering.number()
        await asyncio.sleep(0.5)
        seen = asyncio.ensure_future(anext(told))
        await asyncio.sleep(0.5)
        assert not seen.done()
        await feed.batch(signal("ShortageRaised", 1))
        await numbering.number()
        assert await seen == "changed"
