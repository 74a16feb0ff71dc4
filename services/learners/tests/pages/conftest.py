"""Browsers at the pages of a training provider's people."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from learners.entrypoints.members_offer import MEMBERS
from makersync.http.wiring import Wiring
from makersync.members.joining import MemberInvitation
from makersync.pages.session_cookie import SessionCookie
from services.learners.tests.conftest import Caller as KeyHolder
from tests.visiting import browser as visits
from tests.visiting.browser import Browser, visiting

COOKIE = SessionCookie("learners")


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with visiting(app) as browser:
        yield browser


@pytest.fixture
async def other_browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with visiting(app) as browser:
        yield browser


async def joined(
    wiring: Wiring, browser: Browser, address: str = "jo@york.example", role: str = "instructor", whose: str = "prv_york"
) -> Browser:
    """Signed in, without the time that a real password takes."""
    return await visits.joined(wiring, MEMBERS, MemberInvitation(whose, address, role), browser, COOKIE)


@pytest.fixture
async def instructor(wiring: Wiring, browser: Browser, york: KeyHolder) -> Browser:
    return await joined(wiring, browser)


@pytest.fixture
async def stranger(wiring: Wiring, other_browser: Browser, lima: KeyHolder) -> Browser:
    """An instructor of another provider."""
    return await joined(wiring, other_browser, address="al@lima.example", whose="prv_lima")
