"""A page that stays open for hours, while what it shows changes again and again."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI

from makersync.feed.watching import FeedWatch
from makersync.http.wiring import Wiring
from makersync.pages import events
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller, publish
from services.openings.tests.events import Feed, Match
from services.openings.tests.feed_reading import numbering_of
from tests.servers.waiting import wait_for
from tests.visiting.browser import Browser
from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.every_page import carry_over
from tests.visiting.serving import served
from tests.visiting.staying_open import held_by

from .conftest import joined

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("catalog")]
#: More than a busy opening has in hours; each replaces the whole shortlist.
CHANGES, WARM_UP = 120, 20
#: What a browser may hold on to for itself, whatever happens on the page.
HEAP_MORE, NODES_MORE, LISTENERS_MORE, DOCUMENTS_MORE = 1_000_000, 200, 30, 5


@pytest.fixture
async def page(
    app: FastAPI, context: Context, wiring: Wiring, browser: Browser, acme: Caller, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator["playwright.Page"]:
    monkeypatch.setattr(events, "_PAUSE_S", 0.0)
    visitor = await joined(wiring, browser)
    async with aclosing(served(app, context)) as serving:
        address = await anext(serving)
        async with chromium_page(address) as page:
            await carry_over(dict(visitor.http.cookies), page, address)
            yield page


@pytest.mark.timeout(300)
async def test_a_page_that_stays_open_keeps_nothing_of_what_it_has_shown(
    page: "playwright.Page", acme: Caller, feed: Feed, context: Context
) -> None:
    """Guards: a tab that is open all day and grows."""
    opening_id = (await publish(acme, title="Five-axis machinist")).rpartition("/")[2]
    numbering, match = await numbering_of(context), Match(opening_id, "lrn_1")
    async with page.expect_response("**/shortlist*"):
        await page.goto(f"/openings/{opening_id}")
    session = await page.context.new_cdp_session(page)

    async def change(version: int) -> None:
        sent = match.proposed(1) if version == 1 else match.revised(version, score=8000 - version)
        await feed.matches(sent)
        await numbering.number()
        await playwright.expect(page.get_by_text(f"Score {8000 if version == 1 else 8000 - version:,} of")).to_be_visible()

    for version in range(1, WARM_UP + 1):
        await change(version)
    before = await held_by(session)
    for version in range(WARM_UP + 1, WARM_UP + CHANGES + 1):
        await change(version)
    after = await held_by(session)
    assert after.documents <= before.documents + DOCUMENTS_MORE, (before, after)
    assert after.listeners <= before.listeners + LISTENERS_MORE, (before, after)
    assert after.nodes <= before.nodes + NODES_MORE, (before, after)
    assert after.heap <= before.heap + HEAP_MORE, (before, after)


async def test_a_server_keeps_a_connection_for_each_page_that_is_open_and_no_other(
    page: "playwright.Page", app: FastAPI, acme: Caller
) -> None:
    """Guards: a server that runs out of places because people load their pages again."""
    opening_id, watch = (await publish(acme)).rpartition("/")[2], watch_of(app)
    async with page.expect_response("**/shortlist*"):
        await page.goto(f"/openings/{opening_id}")
    for _ in range(5):
        async with page.expect_response("**/shortlist*"):
            await page.reload()
    await wait_for(lambda: is_waiting(watch, 1))
    await page.goto("about:blank")
    await wait_for(lambda: is_waiting(watch, 0))


def watch_of(app: FastAPI) -> FeedWatch:
    watch: FeedWatch = app.state.feed.watch
    return watch


async def is_waiting(watch: FeedWatch, expected: int) -> bool:
    """Whether the server keeps so many connections of open pages."""
    return watch._taken["pages"].total() == expected
