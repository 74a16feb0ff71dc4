"""What holds for every page of matching."""

from collections.abc import AsyncIterator

import pytest
from every_page import every_page_of
from service_world import World
from visits import app_of, invited_operator, operator_of

from tests.visiting.browser import Browser
from tests.visiting.every_page import EveryPage, addresses_of, page_routes_of
from tests.visiting.plans import recorded, whole_tables_read
from tests.visiting.weight import MOST, first_load

#: The list of markets counts what each has, as `GET /v1/markets` does. Dead letters and refusals are few: each is a fault.
COUNTED = ("market_subject: ", "match: ", "cell: ", "refused_event: ", "dead_letter: ")


@pytest.fixture
async def operator(world: World) -> AsyncIterator[Browser]:
    async with operator_of(world) as operator:
        yield operator


@pytest.fixture
async def every_page(world: World) -> EveryPage:
    return await every_page_of(world, await invited_operator(world))


async def test_the_list_of_every_page_has_each_of_them(world: World, every_page: EveryPage) -> None:
    """Guards: a new page that no test of all pages looks at. Add it to services/matching/tests/service/every_page.py."""
    assert set(every_page) == page_routes_of(app_of(world), is_operators=True)


async def test_every_page_answers_an_operator(operator: Browser, every_page: EveryPage) -> None:
    """Guards: an address in the list that shows nothing of its page."""
    answers = {address: (await operator.open(address)).status_code for address in addresses_of(every_page)}
    assert {address: status for address, status in answers.items() if status not in (200, 303)} == {}


async def test_no_page_reads_a_whole_table(world: World, operator: Browser, every_page: EveryPage) -> None:
    """Guards: a page that gets slower with the market."""
    with recorded(world.store) as queries:
        for address in addresses_of(every_page):
            await operator.open(address)
    found = [each for each in await whole_tables_read(world.store, queries) if not each.startswith(COUNTED)]
    assert queries
    assert found == [], "\n".join(found)


async def test_no_page_is_heavier_than_it_may_be(operator: Browser, every_page: EveryPage) -> None:
    """Guards: a page that takes seconds to come over a telephone."""
    weights = {address: await first_load(operator.http, address) for address in addresses_of(every_page)}
    assert {address: weight for address, weight in weights.items() if weight > MOST} == {}
