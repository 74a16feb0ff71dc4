"""The page of demand in a real browser: the map follows what is published, and leads nearer by the keyboard."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI

from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context
from services.learners.tests.conftest import Caller
from services.learners.tests.events import REGION, Feed, signal
from services.learners.tests.introducing import candidate
from tests.visiting.browser import Browser
from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.every_page import carry_over
from tests.visiting.serving import served

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(app: FastAPI, context: Context, instructor: Browser) -> AsyncIterator["playwright.Page"]:
    async with aclosing(served(app, context)) as serving:
        address = await anext(serving)
        async with chromium_page(address) as page:
            await carry_over(dict(instructor.http.cookies), page, address)
            yield page


async def test_the_map_changes_while_it_is_open_and_keeps_the_focus(
    page: "playwright.Page", york: Caller, feed: Feed, numbering: Numbering
) -> None:
    """Guards: figures that stand still until somebody loads the page again, and a keyboard that is sent back to the start."""
    await candidate(york)
    await feed.batch(signal("ShortageRaised", 1, level="shortage"))
    async with page.expect_response("**/demand*") as first, page.expect_response("**/changes"):
        await page.goto("/demand")
    await first.value
    expect, york_hanover = playwright.expect, page.locator(f"#at-{REGION}")
    await expect(york_hanover).to_have_accessible_name(
        "York-Hanover, PA: CNC Milling: Operations, shortage, 9 positions, 1 person"
    )
    await page.wait_for_load_state("load")
    await york_hanover.focus()
    await feed.batch(signal("ShortageRevised", 2, level="severe", demand=30_000))
    await numbering.number()
    await expect(york_hanover).to_have_accessible_name(
        "York-Hanover, PA: CNC Milling: Operations, severe, 30 positions, 1 person"
    )
    await expect(york_hanover).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/demand?region={REGION}")


async def test_the_outlines_are_drawn_under_the_policy_of_the_page(page: "playwright.Page", york: Caller, feed: Feed) -> None:
    """Guards: a content policy that keeps the files of the map away, which shows symbols on nothing."""
    await candidate(york)
    await feed.batch(signal("ShortageRaised", 1))
    await page.goto(f"/demand?region={REGION}")
    for outline in (".land", ".borders.fine", ".borders:not(.fine)"):
        await page.wait_for_function(f"document.querySelector('.map {outline}').getBBox().width > 800")
