"""What holds for every page of the providers' site in a real browser."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial

import pytest
from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from services.learners.tests.conftest import Caller
from services.learners.tests.events import Feed
from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.every_page import EveryPage, carry_over, demand_fits, demand_no_barriers
from tests.visiting.serving import served
from tests.visiting.visitors import Visitor

from .visitors import everybody

pytestmark = pytest.mark.browser
WIDTHS = (360, 768, 1440)


Look = Callable[["playwright.Page", EveryPage], Awaitable[None]]


async def _look(app: FastAPI, context: Context, visitors: Sequence[Visitor], look: Look) -> None:
    async with aclosing(served(app, context)) as serving:
        address = await anext(serving)
        async with chromium_page(address) as page:
            for each in visitors:
                await carry_over(dict(each.browser.http.cookies), page, address)
                await look(page, each.pages)


@pytest.fixture
async def visitors(app: FastAPI, wiring: Wiring, york: Caller, feed: Feed) -> AsyncIterator[list[Visitor]]:
    async with everybody(app, wiring, york, feed) as visitors:
        yield visitors


async def test_every_page_fits_its_screen(app: FastAPI, context: Context, visitors: Sequence[Visitor]) -> None:
    await _look(app, context, visitors, partial(demand_fits, widths=WIDTHS))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_keeps_anybody_out(app: FastAPI, context: Context, visitors: Sequence[Visitor], scheme: str) -> None:
    await _look(app, context, visitors, partial(demand_no_barriers, scheme=scheme))
