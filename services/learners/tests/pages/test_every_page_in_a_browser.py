"""What holds for every page of the providers' site in a real browser."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from services.learners.tests.conftest import Caller
from services.learners.tests.events import Feed
from tests.visiting.browser import Browser
from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.every_page import EveryPage, carry_over, demand_fits, demand_no_barriers
from tests.visiting.serving import served

from .conftest import joined
from .every_page import every_page_of

pytestmark = pytest.mark.browser
WIDTHS = (360, 768, 1440)


@pytest.fixture
async def every_page(wiring: Wiring, york: Caller, feed: Feed) -> EveryPage:
    return await every_page_of(wiring, york, feed)


@pytest.fixture
async def page(app: FastAPI, context: Context, wiring: Wiring, browser: Browser) -> AsyncIterator["playwright.Page"]:
    """Signed in as an administrator."""
    visitor = await joined(wiring, browser, address="ada@york.example", role="admin")
    async with aclosing(served(app, context)) as serving:
        address = await anext(serving)
        async with chromium_page(address) as page:
            await carry_over(dict(visitor.http.cookies), page, address)
            yield page


async def test_every_page_fits_its_screen(page: "playwright.Page", every_page: EveryPage) -> None:
    await demand_fits(page, every_page, WIDTHS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_keeps_anybody_out(page: "playwright.Page", every_page: EveryPage, scheme: str) -> None:
    await demand_no_barriers(page, every_page, scheme)
