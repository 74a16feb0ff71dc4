"""What holds for every page of the providers' site in a real browser."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

import pytest
from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from services.learners.tests.conftest import Caller
from services.learners.tests.events import Feed
from tests.visiting.every_page import demand_fits, demand_no_barriers
from tests.visiting.looking import WIDTHS, look_at_every_page
from tests.visiting.visitors import Visitor

from .visitors import everybody

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("seeded_url", ["sqlite"], indirect=True)]


@pytest.fixture
async def visitors(app: FastAPI, wiring: Wiring, york: Caller, feed: Feed) -> AsyncIterator[list[Visitor]]:
    async with everybody(app, wiring, york, feed) as visitors:
        yield visitors


async def test_every_page_fits_its_screen(app: FastAPI, context: Context, visitors: Sequence[Visitor]) -> None:
    await look_at_every_page(app, context, visitors, partial(demand_fits, widths=WIDTHS))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_keeps_anybody_out(app: FastAPI, context: Context, visitors: Sequence[Visitor], scheme: str) -> None:
    await look_at_every_page(app, context, visitors, partial(demand_no_barriers, scheme=scheme))
