"""A browser that visits the pages of a complete service, without JavaScript."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from makersync.http.wiring import Wiring
from makersync.members.joining import Joining, MemberInvitation
from makersync.members.offer import MembersOffer
from makersync.members.sessions import Caller, Sessions
from makersync.pages.session_cookie import SessionCookie

PASSWORD = "seven lathes under a violet crane"
#: Compared in far less time than a member's real one, which costs 64 MiB.
_QUICK_HASH = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
_HOST = "pages.example"
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


@asynccontextmanager
async def visiting(app: FastAPI) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{_HOST}", trust_env=False) as http:
        yield Browser(http)


async def invited(wiring: Wiring, offer: MembersOffer, wanted: MemberInvitation) -> str:
    """The path of an invitation's link."""
    async with wiring.store.transaction() as session:
        return f"/join/{(await Joining(session, wiring.pepper, wiring.clock, offer).invite(wanted)).token}"


async def joined(
    wiring: Wiring, offer: MembersOffer, wanted: MemberInvitation, browser: Browser, cookie: SessionCookie
) -> Browser:
    """Signed in as Jo Miller with PASSWORD, without the time that a real one takes."""
    path = await invited(wiring, offer, wanted)
    async with wiring.store.transaction() as session:
        joining = Joining(session, wiring.pepper, wiring.clock, offer)
        member_id = await joining.join(path.removeprefix("/join/"), "Jo Miller", _QUICK_HASH)
        assert member_id is not None
        token = await Sessions(session, wiring.pepper, wiring.clock, offer).begin(member_id, Caller("", "test"))
    browser.http.cookies.set(cookie.name, token, domain=_HOST, path="/")
    return browser
