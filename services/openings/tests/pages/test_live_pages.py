"""An open page is told of what concerns it, over a real connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from makersync.feed.watching import MOST_OF_ONE
from makersync.http.wiring import Wiring
from makersync.members.tables import MemberRow
from makersync.pages import events
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller, publish
from services.openings.tests.events import Feed, Match
from services.openings.tests.feed_reading import numbering_of
from tests.visiting.browser import Browser
from tests.visiting.serving import served

from .conftest import COOKIE

pytestmark = pytest.mark.usefixtures("catalog")
SOON_S = 10.0


@pytest.fixture
async def address(app: FastAPI, context: Context) -> AsyncIterator[str]:
    async with aclosing(served(app, context)) as serving:
        yield await anext(serving)


async def changes(address: str, recruiter: Browser, opening_id: str) -> AsyncIterator[str]:
    """The names of the events that the page is sent."""
    cookie = {"Cookie": f"{COOKIE.name}={recruiter.http.cookies[COOKIE.name]}"}
    async with (
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=SOON_S) as http,
        http.stream("GET", "/changes", params={"opening": opening_id}, headers=cookie) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                yield line.removeprefix("event: ")


async def test_a_page_is_told_of_its_own_opening_alone(
    address: str, acme: Caller, recruiter: Browser, feed: Feed, opening_id: str, context: Context
) -> None:
    """The entry of the other opening comes first, so that it would have been told of first."""
    other_id = (await publish(acme)).rpartition("/")[2]
    numbering = await numbering_of(context)
    async with asyncio.timeout(SOON_S), aclosing(changes(address, recruiter, opening_id)) as told:
        assert await anext(told) == "connected"
        await feed.matches(Match(other_id, "lrn_1").proposed(1))
        await numbering.number()
        await asyncio.sleep(0.5)
        await recruiter.open("/openings")
        await feed.matches(Match(opening_id, "lrn_1").proposed(1))
        await numbering.number()
        assert await anext(told) == "changed"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await anext(told)


async def test_a_page_is_told_once_that_its_session_has_ended(
    monkeypatch: pytest.MonkeyPatch, address: str, recruiter: Browser, opening_id: str, wiring: Wiring
) -> None:
    monkeypatch.setattr(events, "_LOOK_S", 0.05)
    async with asyncio.timeout(SOON_S), aclosing(changes(address, recruiter, opening_id)) as told:
        assert await anext(told) == "connected"
        await recruiter.open("/openings")
        await recruiter.send("/sign-out")
        assert await anext(told) == "changed"
        with pytest.raises(StopAsyncIteration):
            await anext(told)


async def test_open_pages_leave_the_feeds_readers_their_places(
    address: str, acme: Caller, recruiter: Browser, opening_id: str
) -> None:
    async with asyncio.timeout(30), AsyncExitStack() as stack:
        for _ in range(MOST_OF_ONE + 1):
            told = await stack.enter_async_context(aclosing(changes(address, recruiter, opening_id)))
            assert await anext(told) == "connected"
        assert (await acme.get("/v1/feed", after=0, wait=1)).status_code == 200


async def test_a_member_of_a_role_that_is_gone_is_told_nothing(address: str, recruiter: Browser, wiring: Wiring) -> None:
    async with wiring.store.transaction() as session:
        (await session.exec(select(MemberRow))).one().role = "gone"
    assert (await recruiter.open("/changes?opening=opn_1")).status_code == 403
