"""The employer's pages in a real browser: what a recruiter sees arrives and leaves by itself."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller, publish
from services.openings.tests.events import Feed, Match
from services.openings.tests.feed_reading import numbering_of
from services.openings.tests.introductions.scenes import CONTACT, Scene
from tests.visiting.browser import PASSWORD
from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.serving import served

from .conftest import invited

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("catalog")]


@pytest.fixture
async def address(app: FastAPI, context: Context) -> AsyncIterator[str]:
    async with aclosing(served(app, context)) as serving:
        yield await anext(serving)


@pytest.fixture
async def page(address: str) -> AsyncIterator["playwright.Page"]:
    async with chromium_page(address) as page:
        yield page


async def signed_in(page: "playwright.Page", wiring: Wiring) -> None:
    await page.goto(await invited(wiring))
    await page.get_by_label("Your name").fill("Jo Miller")
    await page.get_by_label("A password").fill(PASSWORD)
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_url("**/openings")


async def test_candidates_come_and_go_on_an_open_page(
    page: "playwright.Page", wiring: Wiring, acme: Caller, feed: Feed, context: Context
) -> None:
    opening_id = (await publish(acme, title="Five-axis machinist")).rpartition("/")[2]
    numbering, match = await numbering_of(context), Match(opening_id, "lrn_1")
    await signed_in(page, wiring)
    async with page.expect_response("**/shortlist*"):
        await page.get_by_role("link", name="Five-axis machinist").click()
    expect = playwright.expect
    await expect(page.get_by_text("Nobody qualifies right now")).to_be_visible()
    await feed.matches(match.proposed(1))
    await numbering.number()
    await expect(page.get_by_role("heading", name="1 candidate")).to_be_visible()
    await feed.matches(match.withdrawn(2, "credential_lapsed"))
    await numbering.number()
    await expect(page.get_by_role("heading", name="Recently removed candidates")).to_be_visible()


async def test_the_pages_work_without_scripts(
    address: str, page: "playwright.Page", wiring: Wiring, acme: Caller, feed: Feed
) -> None:
    opening_id = (await publish(acme, title="Five-axis machinist")).rpartition("/")[2]
    await Scene(acme, feed, opening_id).propose("lrn_1")
    context = await page.context.browser.new_context(base_url=address, java_script_enabled=False)
    plain = await context.new_page()
    await signed_in(plain, wiring)
    await plain.get_by_role("link", name="Five-axis machinist").click()
    await playwright.expect(plain.get_by_role("heading", name="Five-axis machinist")).to_be_visible()
    await plain.get_by_role("link", name="Ask to meet").click()
    await plain.get_by_label("How to reach you").fill(CONTACT)
    await plain.get_by_role("button", name="Ask").click()
    await playwright.expect(plain.get_by_role("button", name="Withdraw")).to_be_visible()
    await plain.get_by_role("button", name="Sign out").click()
    await plain.wait_for_url("**/sign-in")
