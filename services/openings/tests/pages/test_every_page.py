"""What holds for every page of the employers' site."""

from collections.abc import AsyncIterator, Sequence

import pytest
from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Feed
from tests.visiting.every_page import addresses_of, page_routes_of
from tests.visiting.visitors import Visitor, demand_found_by_indexes, demand_light, demand_shown, routes_of

from .visitors import everybody

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
async def visitors(app: FastAPI, wiring: Wiring, acme: Caller, feed: Feed) -> AsyncIterator[list[Visitor]]:
    async with everybody(app, wiring, acme, feed) as visitors:
        yield visitors


async def test_the_list_of_every_page_has_each_of_them(app: FastAPI, visitors: Sequence[Visitor]) -> None:
    """Guards: a new page that no test of all pages looks at. Add it to services/openings/tests/pages/every_page.py."""
    assert routes_of(visitors) == page_routes_of(app)


async def test_every_page_answers_whoever_it_is_for(visitors: Sequence[Visitor]) -> None:
    """Guards: an address in the list that shows nothing of its page."""
    await demand_shown(visitors)


async def test_no_page_reads_a_whole_table(context: Context, visitors: Sequence[Visitor]) -> None:
    """Guards: a page that gets slower with everything that the others keep in the store."""
    await demand_found_by_indexes(context.store, visitors)


async def test_no_page_is_heavier_than_it_may_be(visitors: Sequence[Visitor]) -> None:
    """Guards: a page that takes seconds to come over a telephone."""
    await demand_light(visitors)


async def test_no_page_of_operators_is_shown_to_an_organisation(visitors: Sequence[Visitor]) -> None:
    """Guards: whoever administers one organisation would see what belongs to all."""
    (admin, operator, *_) = visitors
    answers = {each: (await admin.browser.open(each)).status_code for each in addresses_of(operator.pages)}
    assert {address: status for address, status in answers.items() if status != 403} == {}


async def test_no_page_of_an_organisation_shows_anything_to_an_operator(
    visitors: Sequence[Visitor],
) -> None:
    """Guards: where no organisation limits what is read, a page would show what belongs to all of them."""
    (admin, operator, *_) = visitors
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
        each: await operator.browser.open(each)
        for each in addresses_of(admin.pages)
        if each != "/" and not each.startswith(shared)
    }
    assert {address: answer.status_code for address, answer in answers.items() if answer.status_code not in (303, 403)} == {}
