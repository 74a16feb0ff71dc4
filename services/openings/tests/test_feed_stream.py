"""The feed as a stream of server-sent events, received over a real connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from structlog.testing import capture_logs

from makersync.feed import routes
from makersync.feed.numbering import Numbering
from makersync.feed.starting_over import start_feeds_over
from makersync.feed.watching import MOST_OF_ONE
from makersync.http.keys import OPERATOR, Principal
from makersync.runtime.http_bounds import HttpLimits
from makersync.runtime.http_server import Address, serve_http
from makersync.runtime.service import Context
from makersync.store.database import DatabaseAway
from tests.servers.finding import free_port
from tests.servers.waiting import wait_for

from .conftest import Caller, MakeCaller
from .events import Feed, Match
from .feed_reading import numbering_of, read

pytestmark = pytest.mark.usefixtures("catalog")
SOON_S = 10.0


@dataclass
class Stream:
    """One connection: the lines as they come."""

    answer: httpx.Response
    lines: AsyncIterator[str]

    async def event(self) -> tuple[int, str, dict[str, Any]]:
        """The position, the type and the entry of the next event."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(SOON_S):
            while (line := await anext(self.lines)) or not fields:
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
        return int(fields["id"]), fields["event"], json.loads(fields["data"])

    async def is_over(self) -> bool:
        async with asyncio.timeout(SOON_S):
            return [line async for line in self.lines if line.startswith("data")] == []


@pytest.fixture
async def address(app: FastAPI, context: Context) -> AsyncIterator[str]:
    port = free_port()
    where = Address("127.0.0.1", port, "MAKERSYNC_HTTP_PORT")
    serving = asyncio.create_task(serve_http(app, where, HttpLimits(), lambda _: None, context.stopping))
    yield f"http://127.0.0.1:{port}"
    context.stopping.set()
    async with asyncio.timeout(SOON_S):
        await serving


@pytest.fixture
async def numbering(context: Context) -> Numbering:
    return await numbering_of(context)


@pytest.fixture
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=SOON_S) as http:

        async def is_served() -> bool:
            try:
                return (await http.get("/healthz")).is_success
            except httpx.TransportError:
                return False

        await wait_for(is_served)
        yield http


async def opened(http: httpx.AsyncClient, caller: Caller, stack: AsyncExitStack, **headers: str) -> Stream:
    answer = await stack.enter_async_context(
        http.stream("GET", "/v1/feed/events", headers=caller.headers | {k.replace("_", "-"): v for k, v in headers.items()})
    )
    return Stream(answer, answer.aiter_lines())


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def test_entries_come_as_they_are_numbered_and_a_stream_goes_on_where_the_last_one_ended(
    http: httpx.AsyncClient, acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, stack: AsyncExitStack
) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    await numbering.number()
    first = await opened(http, acme, stack)
    assert first.answer.headers["content-type"].startswith("text/event-stream")
    position, kind, entry = await first.event()
    assert (position, kind, entry["data"]["learner_id"]) == (1, "match.proposed", "lrn_1")

    await feed.matches(Match(opening_id, "lrn_2").proposed(1), Match(opening_id, "lrn_1").revised(2))
    await numbering.number()
    assert [(await first.event())[0] for _ in range(2)] == [2, 3]

    again = await opened(http, acme, stack, Last_Event_ID="1")
    assert [(await again.event())[0] for _ in range(2)] == [2, 3]


async def test_a_stream_from_a_position_that_is_not_kept_is_refused_before_it_begins(
    http: httpx.AsyncClient, acme: Caller, opening_id: str, stack: AsyncExitStack
) -> None:
    stream = await opened(http, acme, stack, Last_Event_ID="7")
    assert (stream.answer.status_code, json.loads(await stream.answer.aread())["rule"]) == (410, "feed_position")


async def test_a_stream_ends_with_the_process(
    http: httpx.AsyncClient, acme: Caller, context: Context, stack: AsyncExitStack
) -> None:
    stream = await opened(http, acme, stack)
    context.stopping.set()
    assert await stream.is_over()


async def test_a_stream_ends_without_a_failure_when_the_feed_starts_over_or_the_database_is_away(
    http: httpx.AsyncClient,
    acme: Caller,
    feed: Feed,
    opening_id: str,
    numbering: Numbering,
    context: Context,
    stack: AsyncExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Guards: each of many streams was logged as a failure of the service."""
    monkeypatch.setattr(routes, "STREAM_LOOK_S", 0.2)
    with capture_logs() as logs:
        stream = await opened(http, acme, stack)
        async with context.store.transaction() as session:
            await start_feeds_over(session, context.clock)
        await feed.matches(Match(opening_id, "lrn_1").proposed(1))
        await numbering.number()
        assert await stream.is_over()

        stream = await opened(http, acme, stack, Last_Event_ID=str((await read(acme, "/v1/feed/snapshot"))["position"]))

        async def away(_request: Request) -> Principal:
            raise DatabaseAway("no database answers")

        monkeypatch.setattr(routes, "identify_again", away)
        assert await stream.is_over()
    assert [entry for entry in logs if entry["event"] == "request.failed"] == []


async def test_a_stream_ends_when_its_key_is_revoked(
    http: httpx.AsyncClient,
    caller: MakeCaller,
    feed: Feed,
    opening_id: str,
    numbering: Numbering,
    stack: AsyncExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routes, "STREAM_LOOK_S", 0.2)
    acme, operator = await caller("emp_acme", ["openings:read"]), await caller(None, [OPERATOR])
    stream = await opened(http, acme, stack)
    key_id = acme.headers["Authorization"].split("_")[1]
    revoked = await operator.send("DELETE", f"/v1/employers/emp_acme/keys/{key_id}")
    assert revoked.is_success, revoked.text
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    await numbering.number()
    assert await stream.is_over()


async def test_clients_that_go_leave_their_places_to_others(http: httpx.AsyncClient, acme: Caller, opening_id: str) -> None:
    for _ in range(3 * MOST_OF_ONE):

        async def is_received() -> bool:
            async with http.stream("GET", "/v1/feed/events", headers=acme.headers) as answer:
                return answer.status_code == 200

        await wait_for(is_received)
