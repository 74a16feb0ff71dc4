"""Browsers at the pages of an employer's people."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.mail.server_state import keep_set_up
from makersync.members.joining import MemberInvitation
from makersync.pages.session_cookie import SessionCookie
from openings.entrypoints.members_offer import MEMBERS
from services.openings.tests.conftest import Caller as KeyHolder
from tests.visiting import browser as visits
from tests.visiting.browser import Browser, visiting

COOKIE = SessionCookie("openings")


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with visiting(app) as browser:
        yield browser


@pytest.fixture
async def other_browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with visiting(app) as browser:
        yield browser


async def invited(wiring: Wiring, address: str = "jo@acme.example", role: str = "recruiter", whose: str = "emp_acme") -> str:
    """The path of an invitation's link."""
    return await visits.invited(wiring, MEMBERS, MemberInvitation(whose, address, role))


async def joined(
    wiring: Wiring, browser: Browser, address: str = "jo@acme.example", role: str = "recruiter", whose: str = "emp_acme"
) -> Browser:
    """Signed in, without the time that a real password takes."""
    return await visits.joined(wiring, MEMBERS, MemberInvitation(whose, address, role), browser, COOKIE)


@pytest.fixture
async def recruiter(wiring: Wiring, browser: Browser, acme: KeyHolder) -> Browser:
    return await joined(wiring, browser)


@pytest.fixture
def with_address(wiring: Wiring, app: FastAPI) -> None:
    app.state.wiring = replace(wiring, settings=wiring.settings.model_copy(update={"public_address": "https://pages.example"}))


@pytest.fixture
async def with_mail(wiring: Wiring, with_address: None) -> None:
    """A sender has found its settings."""
    async with wiring.store.transaction() as session:
        await keep_set_up(session, wiring.clock.now())
