"""The form of an opening in a real browser: by keyboard alone, beside its counts, and with the page that follows."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Counted, Feed, Match, counted
from services.openings.tests.feed_reading import numbering_of
from tests.visiting.accessibility import barriers
from tests.visiting.browser import Browser
from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.every_page import carry_over
from tests.visiting.serving import served

from .conftest import joined

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("catalog")]
#: More keys than lead through the whole form.
_MOST_KEYS = 80


@pytest.fixture
async def page(
    app: FastAPI, context: Context, wiring: Wiring, browser: Browser, acme: Caller
) -> AsyncIterator["playwright.Page"]:
    visitor = await joined(wiring, browser)
    async with aclosing(served(app, context)) as serving:
        address = await anext(serving)
        async with chromium_page(address) as page:
            await carry_over(dict(visitor.http.cookies), page, address)
            yield page


async def tab_to(page: "playwright.Page", name: str) -> None:
    """Press the Tab key until the element with this name, or this text, has the focus."""
    focused = "(document.activeElement.name || '') + '|' + document.activeElement.textContent.trim()"
    for _ in range(_MOST_KEYS):
        await page.keyboard.press("Tab")
        if name in str(await page.evaluate(focused)).split("|"):
            return
    raise AssertionError(f"no key leads to {name}")


async def test_an_opening_is_published_by_keyboard_alone_and_its_first_candidate_appears(
    page: "playwright.Page", feed: Feed, context: Context, acme: Caller
) -> None:
    """Guards: a step that loses the focus, or that only a mouse can take."""
    expect = playwright.expect
    await page.goto("/openings/new")
    await tab_to(page, "title")
    await page.keyboard.type("Five-axis machinist")
    await tab_to(page, "zip")
    await page.keyboard.type("17401")
    await tab_to(page, "groups.0.find")
    await page.keyboard.type("nims oper")
    await expect(page.get_by_role("button", name="NIMS.CNC-OPERATOR")).to_be_visible()
    await tab_to(page, "Find")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("[id='groups.0.find']")).to_be_focused()
    await expect(page.locator(".sentence")).to_contain_text("must hold NIMS.CNC-OPERATOR")
    await tab_to(page, "Publish")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Five-axis machinist")).to_be_visible()
    [opening] = (await acme.get("/v1/openings")).json()["items"]
    numbering = await numbering_of(context)
    await feed.matches(Match(opening["opening_id"], "lrn_1").proposed(1))
    await numbering.number()
    await expect(page.get_by_role("heading", name="1 candidate")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_counts_come_by_themselves_and_a_filled_form_keeps_nobody_out(
    page: "playwright.Page", feed: Feed, scheme: str
) -> None:
    expect = playwright.expect
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto("/openings/new")
    await page.get_by_label("Name of the job").fill("Turner")
    await page.get_by_label("ZIP code").fill("17401")
    await page.get_by_label("Choose from the catalog").press_sequentially("mill")
    await page.get_by_role("button", name="cnc-milling").click()
    await expect(page.get_by_role("button", name="Remove cnc-milling")).to_be_visible()
    await page.get_by_role("button", name="Count learners").click()
    await expect(page.get_by_text("on their way")).to_be_visible()
    await feed.reach(Counted("drf_acme.49620.1").at(1, qualified=counted(20)))
    await expect(page.get_by_text("20 to 24")).to_have_count(2)
    await expect(page.get_by_role("button", name="Count again")).to_be_focused()
    assert await barriers(page) == []
    await page.get_by_label("Verified proof only").check()
    await expect(page.locator(".sentence")).to_contain_text("with verified proof")
    await expect(page.get_by_text("You have changed the form since")).to_be_visible()
    await expect(page.get_by_text("The counts are on their way")).to_be_visible(timeout=15_000)


async def test_the_card_that_is_being_read_stays_where_it_is(
    page: "playwright.Page", feed: Feed, context: Context, acme: Caller
) -> None:
    """Guards: a list that jumps under the reader while somebody is added above."""
    body = {"title": "Turner", "zip": "17401", "positions": 3}
    group = {"id": "cnc", "necessity": "required", "any_of": [{"credential": "nims.cnc-operator"}]}
    opening_id = (await acme.post("/v1/openings", {**body, "groups": [group]})).json()["opening_id"]
    await feed.matches(*(Match(opening_id, f"lrn_{number}").proposed(1, score=5000) for number in range(1, 8)))
    async with page.expect_response("**/shortlist?*"):
        await page.goto(f"/openings/{opening_id}")
    card = page.locator("#lrn_4")
    await card.evaluate("each => each.scrollIntoView({block: 'start', behavior: 'instant'})")
    before = await card.evaluate("each => each.getBoundingClientRect().top")
    numbering = await numbering_of(context)
    await feed.matches(Match(opening_id, "lrn_9").proposed(1, score=9000))
    await numbering.number()
    await playwright.expect(page.get_by_role("heading", name="8 candidates")).to_be_attached()
    await page.wait_for_function("document.querySelector('#lrn_9')")
    assert abs(await card.evaluate("each => each.getBoundingClientRect().top") - before) < 2


async def test_the_keyboard_stays_where_it_is_while_somebody_is_added(
    page: "playwright.Page", feed: Feed, context: Context, acme: Caller
) -> None:
    """Guards: people without a mouse, whom every candidate who comes would send back to the beginning of the page."""
    body = {"title": "Turner", "zip": "17401", "positions": 3}
    group = {"id": "cnc", "necessity": "required", "any_of": [{"credential": "nims.cnc-operator"}]}
    opening_id = (await acme.post("/v1/openings", {**body, "groups": [group]})).json()["opening_id"]
    await feed.matches(*(Match(opening_id, f"lrn_{number}").proposed(1, score=5000) for number in range(1, 4)))
    async with page.expect_response("**/shortlist?*"):
        await page.goto(f"/openings/{opening_id}")
    ask = page.locator("#lrn_2").get_by_role("link", name="Ask to meet")
    await ask.focus()
    numbering = await numbering_of(context)
    await feed.matches(Match(opening_id, "lrn_9").proposed(1, score=9000))
    await numbering.number()
    await playwright.expect(page.locator("#lrn_9")).to_be_attached()
    await playwright.expect(ask).to_be_focused()
