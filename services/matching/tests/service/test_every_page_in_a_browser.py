"""What holds for every page of matching in a real browser."""

from functools import partial

import pytest
from every_page import everybody
from service_world import World
from visits import app_of

from tests.visiting.every_page import demand_fits, demand_no_barriers
from tests.visiting.looking import WIDTHS, Look, look_at_every_page

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


async def _look(world: World, look: Look) -> None:
    app = app_of(world)
    async with everybody(world, app) as visitors:
        await look_at_every_page(app, world.context, visitors, look)


async def test_every_page_fits_its_screen(world: World) -> None:
    await _look(world, partial(demand_fits, widths=WIDTHS))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_keeps_anybody_out(world: World, scheme: str) -> None:
    await _look(world, partial(demand_no_barriers, scheme=scheme))
