"""A browser that visits the pages of a complete service, without JavaScript."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.members.joining import Joining, MemberInvitation
from makersync.members.sessions import Caller, Sessions
from makersync.runtime.http_bounds import HttpLimits
from makersync.runtime.http_server import Address, serve_http
from makersync.runtime.service import Context
from openings.entrypoints.members_offer import MEMBERS
from services.openings.tests.conftest import Caller as KeyHolder
from tests.servers.finding import free_port
from tests.servers.waiting import wait_for

PASSWORD = "seven lathes under a violet crane"
_FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Browser:
    """One browser with its cookies. Forms are sent as from the page that was loaded last."""

    http: httpx.AsyncClient
    form_token: str = ""

    async def open(self, path: str, **headers: str) -> httpx.Response:
        answer = await self.http.get(path, headers=headers)
        found = _FORM_TOKEN.search(answer.text)
        self.form_token = found[1] if found else ""
        return answer

    async def send(self, path: str, **fields: str) -> httpx.Response:
        return await self.send_from("same-origin", path, form_token=self.form_token, **fields)

    async def send_from(self, site: str | None, path: str, **fields: str) -> httpx.Response:
        headers = {} if site is None else {"Sec-Fetch-Site": site}
        return await self.http.post(path, data=fields, headers=headers)

    async def sign_in(self, address: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        return await self.send("/sign-in", address=address, password=password, **fields)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with http_of(app) as http:
        yield Browser(http)


@pytest.fixture
async def other_browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with http_of(app) as http:
        yield Browser(http)


def http_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://openings.example")


async def invited(wiring: Wiring, address: str = "jo@acme.example", role: str = "recruiter", whose: str = "emp_acme") -> str:
    """The path of an invitation's link."""
    async with wiring.store.transaction() as session:
        joining = Joining(session, wiring.pepper, wiring.clock, MEMBERS)
        return f"/join/{(await joining.invite(MemberInvitation(whose, address, role))).token}"


async def joined(wiring: Wiring, browser: Browser, **invitation: Any) -> Browser:
    """Signed in, without the time that a real password takes."""
    path = await invited(wiring, **invitation)
    async with wiring.store.transaction() as session:
        joining = Joining(session, wiring.pepper, wiring.clock, MEMBERS)
        member_id = await joining.join(path.removeprefix("/join/"), "Jo Miller", "")
        assert member_id is not None
        token = await Sessions(session, wiring.pepper, wiring.clock, MEMBERS).begin(member_id, Caller("", "test"))
    browser.http.cookies.set("__Host-makersync", token, domain="openings.example", path="/")
    return browser


@pytest.fixture
async def recruiter(wiring: Wiring, browser: Browser, acme: KeyHolder) -> Browser:
    return await joined(wiring, browser)


async def served(app: FastAPI, context: Context) -> AsyncIterator[str]:
    """The address at which the service answers."""
    port = free_port()
    where = Address("127.0.0.1", port, "MAKERSYNC_HTTP_PORT")
    serving = asyncio.create_task(serve_http(app, where, HttpLimits(), lambda _: None, context.stopping))

    async def answers() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                return (await http.get(f"http://127.0.0.1:{port}/healthz")).is_success
        except httpx.TransportError:
            return False

    try:
        await wait_for(answers)
        yield f"http://127.0.0.1:{port}"
    finally:
        context.stopping.set()
        async with asyncio.timeout(10):
            await serving
