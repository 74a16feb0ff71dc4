"""What holds for every page of matching."""

from collections.abc import AsyncIterator, Sequence

import pytest
from every_page import everybody
from fastapi import FastAPI
from service_world import World
from visits import app_of

from tests.visiting.every_page import page_routes_of
from tests.visiting.visitors import Visitor, demand_found_by_indexes, demand_light, demand_shown, routes_of

#: A pair is explained with the whole catalog, in which the cheapest change is searched for.
READ_WHOLE = ("catalog_entry: ",)


@pytest.fixture
def app(world: World) -> FastAPI:
    return app_of(world)


@pytest.fixture
async def visitors(world: World, app: FastAPI) -> AsyncIterator[list[Visitor]]:
    async with everybody(world, app) as visitors:
        yield visitors


async def test_the_list_of_every_page_has_each_of_them(app: FastAPI, visitors: Sequence[Visitor]) -> None:
    """Guards: a new page that no test of all pages looks at. Add it to services/matching/tests/service/every_page.py."""
    assert routes_of(visitors) == page_routes_of(app)


async def test_every_page_answers_an_operator(visitors: Sequence[Visitor]) -> None:
    """Guards: an address in the list that shows nothing of its page."""
    await demand_shown(visitors)


async def test_no_page_reads_a_whole_table(world: World, visitors: Sequence[Visitor]) -> None:
    """Guards: a page that gets slower with the market."""
    await demand_found_by_indexes(world.store, visitors, READ_WHOLE)


async def test_no_page_is_heavier_than_it_may_be(visitors: Sequence[Visitor]) -> None:
    """Guards: a page that takes seconds to come over a telephone."""
    await demand_light(visitors)
