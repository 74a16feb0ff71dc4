"""What holds for every page of the employers' site."""

import pytest
from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.members.offer import OPERATORS
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Feed
from tests.visiting.browser import Browser
from tests.visiting.every_page import EveryPage, addresses_of, page_routes_of
from tests.visiting.plans import recorded, whole_tables_read
from tests.visiting.weight import MOST, first_load

from .conftest import joined
from .every_page import every_page_of

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
async def every_page(wiring: Wiring, acme: Caller, feed: Feed) -> EveryPage:
    return await every_page_of(wiring, acme, feed)


async def test_the_list_of_every_page_has_each_of_them(app: FastAPI, every_page: EveryPage) -> None:
    """Guards: a new page that no test of all pages looks at. Add it to services/openings/tests/pages/every_page.py."""
    assert set(every_page) == page_routes_of(app)


async def test_every_page_answers_an_administrator(wiring: Wiring, browser: Browser, every_page: EveryPage) -> None:
    """Guards: an address in the list that shows nothing of its page."""
    visitor = await joined(wiring, browser, address="ada@acme.example", role="admin")
    answers = {address: (await visitor.open(address)).status_code for address in addresses_of(every_page)}
    assert {address: status for address, status in answers.items() if status not in (200, 303)} == {}


async def test_no_page_reads_a_whole_table(context: Context, wiring: Wiring, browser: Browser, every_page: EveryPage) -> None:
    """Guards: a page that gets slower with everything that the others keep in the store."""
    visitor = await joined(wiring, browser, address="ada@acme.example", role="admin")
    with recorded(context.store) as queries:
        for address in addresses_of(every_page):
            await visitor.open(address)
    assert queries
    found = await whole_tables_read(context.store, queries)
    assert found == [], "\n".join(found)


async def test_no_page_is_heavier_than_it_may_be(wiring: Wiring, browser: Browser, every_page: EveryPage) -> None:
    """Guards: a page that takes seconds to come over a telephone."""
    visitor = await joined(wiring, browser, address="ada@acme.example", role="admin")
    weights = {address: await first_load(visitor.http, address) for address in addresses_of(every_page)}
    assert {address: weight for address, weight in weights.items() if weight > MOST} == {}
    assert max(weights.values()) > MOST / 10


async def test_no_page_of_an_organisation_shows_anything_to_an_operator(
    wiring: Wiring, browser: Browser, every_page: EveryPage
) -> None:
    """Guards: where no organisation limits what is read, a page would show what belongs to all of them."""
    operator = await joined(wiring, browser, address="op@platform.example", role="operator", whose=OPERATORS)
    shared = (
        "/account",
        "/members",
        "/activity",
        "/sign-in",
        "/join",
        "/reset",
        "/contact",
        "/answer",
        "/password",
        "/forgotten",
    )
    answers = {
        each: await operator.open(each) for each in addresses_of(every_page) if each != "/" and not each.startswith(shared)
    }
    assert {address: answer.status_code for address, answer in answers.items() if answer.status_code not in (303, 403)} == {}
