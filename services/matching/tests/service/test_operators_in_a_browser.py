"""Operators in a real browser: a letter is edited and replayed, and a halted partition is mended."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest
from service_world import CREDENTIALS, PARTITIONS, REGION, World, award
from visits import PEPPER, operator_of

from contracts.topics import LEARNER
from makersync.effects.halts import Halt, halts, record_halt
from makersync.http.wiring import Wiring
from makersync.topic import partition_of
from tests.servers.applications import application
from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.every_page import carry_over
from tests.visiting.serving import served

pytestmark = pytest.mark.browser
HALTED = partition_of(REGION, PARTITIONS)


@asynccontextmanager
async def operating(world: World) -> AsyncIterator["playwright.Page"]:
    """Signed in as an operator."""
    wiring = Wiring(world.context.settings, world.store, world.clock, world.context.metrics, PEPPER)
    app = application(world.definition, world.context, wiring)
    async with operator_of(world) as operator, aclosing(served(app, world.context)) as serving:
        address = await anext(serving)
        async with chromium_page(address) as page:
            await carry_over(dict(operator.http.cookies), page, address)
            yield page


async def broken_letter(world: World) -> None:
    await world.opening()
    await world.learner("ann", award(CREDENTIALS[0]), seeking="perhaps", given_name="Secretperson")
    await world.settle()


async def test_an_operator_replays_an_edited_letter(world: World) -> None:
    await broken_letter(world)
    async with operating(world) as page:
        await page.goto("/operations")
        await page.get_by_role("link", name="Go there").click()
        await page.get_by_role("link", name="1", exact=True).click()
        assert "Secretperson" not in await page.content()
        event = page.get_by_label("The event as JSON")
        await event.fill((await event.input_value()).replace('"perhaps"', "true"))
        edit = page.locator("form", has=event)
        await edit.get_by_label("Reason (kept in the audit log)").fill("the provider meant yes")
        await edit.get_by_role("button").click()
        await playwright.expect(page.get_by_role("status")).to_contain_text("Replay the letter to process it")
        await page.get_by_label("Reason (kept in the audit log)").first.fill("mended")
        await page.get_by_role("button", name="Replay").click()
        await playwright.expect(page.get_by_role("status")).to_contain_text("Your decision is saved")
    assert [kind for kind, *_ in await world.news()] == ["proposed"]


async def test_a_halted_partition_is_seen_without_loading_the_page_again_and_mended(world: World) -> None:
    async with operating(world) as page:
        await page.goto("/operations")
        await playwright.expect(page.get_by_role("heading", name="All is well")).to_be_visible()
        async with world.store.transaction() as session:
            await record_halt(
                session, Halt("matching.market", HALTED, LEARNER.name, "too many dead letters", world.clock.now())
            )
        await playwright.expect(page.get_by_role("heading", name="Something has stopped")).to_be_visible(timeout=20_000)
        await page.get_by_label("Reason for resuming").fill("the writer is mended")
        await page.get_by_role("button", name="Resume").click()
        await playwright.expect(page.get_by_text("It has been asked to resume")).to_be_visible()
    await world.settle()
    async with world.store.reading() as session:
        assert await halts(session) == []


async def test_the_keyboard_stays_where_it_is_while_the_figures_are_loaded_again(world: World) -> None:
    """Guards: operators without a mouse, whom every few seconds would send back to the beginning of the page."""
    async with operating(world) as page:
        await page.goto("/operations")
        letters = page.locator("dd a[href='/dead-letters']")
        await letters.focus()
        before = await letters.element_handle()
        await page.wait_for_function("each => !each.isConnected", arg=before)
        await playwright.expect(letters).to_be_focused()
