"""What holds for every page of matching in a real browser."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import partial

import pytest
from every_page import everybody
from service_world import World
from visits import app_of

from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.every_page import EveryPage, carry_over, demand_fits, demand_no_barriers
from tests.visiting.serving import served

pytestmark = pytest.mark.browser
WIDTHS = (360, 768, 1440)

Look = Callable[["playwright.Page", EveryPage], Awaitable[None]]


async def _look(world: World, look: Look) -> None:
    app = app_of(world)
    async with everybody(world, app) as visitors, aclosing(served(app, world.context)) as serving:
        address = await anext(serving)
        async with chromium_page(address) as page:
            for each in visitors:
                await carry_over(dict(each.browser.http.cookies), page, address)
                await look(page, each.pages)


async def test_every_page_fits_its_screen(world: World) -> None:
    await _look(world, partial(demand_fits, widths=WIDTHS))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_keeps_anybody_out(world: World, scheme: str) -> None:
    await _look(world, partial(demand_no_barriers, scheme=scheme))
