"""Signing in through an OpenID provider's own page, in a real browser that holds pages to their policy."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD
from tests.visiting.chromium import chromium, playwright
from tests.visiting.openid_provider import OpenIdProvider, openid_provider
from tests.visiting.serving import served
from tests.visiting.signing_in_elsewhere import NAME, set_up

from .conftest import invited

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("catalog")]


@pytest.fixture
async def address(app: FastAPI, context: Context) -> AsyncIterator[str]:
    async with aclosing(served(app, context)) as serving:
        yield await anext(serving)


@pytest.fixture
async def provider(app: FastAPI, wiring: Wiring, clock: ManualClock, address: str) -> AsyncIterator[OpenIdProvider]:
    async with openid_provider(clock.now) as provider:
        set_up(app, wiring, provider, address)
        provider.asks = True
        yield provider


async def at_providers_page(page: "playwright.Page") -> None:
    """Whoever is at the browser says so on the provider's page, which is another host's for the browser."""
    await page.get_by_role("button", name="I am Jo").click()


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_member_joins_by_the_providers_page_and_signs_in_again(
    provider: OpenIdProvider, address: str, wiring: Wiring, acme: Caller, scripts: bool
) -> None:
    """Guards: the policy of the pages, which allows no form to another host, would keep people from getting there."""
    async with chromium() as started:
        context = await started.browser.new_context(base_url=address, java_script_enabled=scripts)
        page = await context.new_page()
        await page.goto(await invited(wiring))
        await page.get_by_label("Your name").fill("Jo Miller")
        await page.get_by_role("button", name=f"Join with {NAME}").click()
        await at_providers_page(page)
        await page.wait_for_url("**/openings")
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_role("button", name=f"Sign in with {NAME}").click()
        await at_providers_page(page)
        await page.wait_for_url("**/openings")
        await playwright.expect(page.get_by_role("link", name="Jo Miller")).to_be_visible()


async def test_a_member_with_a_password_links_the_account_by_the_providers_page(
    provider: OpenIdProvider, address: str, wiring: Wiring, acme: Caller
) -> None:
    async with chromium() as started:
        page = await started.page(address)
        await page.goto(await invited(wiring))
        await page.get_by_label("Your name").fill("Jo Miller")
        await page.get_by_label("A password").fill(PASSWORD)
        await page.get_by_role("button", name="Join", exact=True).click()
        await page.wait_for_url("**/openings")
        await page.goto("/account")
        await page.get_by_text("Link an account").click()
        form = page.locator('form[action="/account/provider/link"]')
        await form.get_by_label("Your current password").fill(PASSWORD)
        await form.get_by_role("button", name="Link my account").click()
        await at_providers_page(page)
        await playwright.expect(page.get_by_text("The account is linked")).to_be_visible()
