"""What holds for every page of matching in a real browser."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from every_page import every_page_of
from service_world import World
from visits import app_of, invited_operator, operator_of

from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.every_page import EveryPage, carry_over, demand_fits, demand_no_barriers
from tests.visiting.serving import served

pytestmark = pytest.mark.browser
WIDTHS = (360, 768, 1440)


@pytest.fixture
async def every_page(world: World) -> EveryPage:
    return await every_page_of(world, await invited_operator(world))


@pytest.fixture
async def page(world: World) -> AsyncIterator["playwright.Page"]:
    """Signed in as an operator."""
    async with operator_of(world) as operator, aclosing(served(app_of(world), world.context)) as serving:
        address = await anext(serving)
        async with chromium_page(address) as page:
            await carry_over(dict(operator.http.cookies), page, address)
            yield page


async def test_every_page_fits_its_screen(page: "playwright.Page", every_page: EveryPage) -> None:
    await demand_fits(page, every_page, WIDTHS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_keeps_anybody_out(page: "playwright.Page", every_page: EveryPage, scheme: str) -> None:
    await demand_no_barriers(page, every_page, scheme)
