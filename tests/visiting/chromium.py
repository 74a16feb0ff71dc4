"""Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

try:
    from playwright import async_api as playwright
except ModuleNotFoundError:  # `make test` collects the modules of these tests too, and needs none of it.
    playwright = None


@asynccontextmanager
async def chromium_page(address: str) -> AsyncIterator["playwright.Page"]:
    """A page on which every error of a script and everything that is refused fails the test."""
    if playwright is None:
        pytest.skip("needs the requirements of the browser tests: make test-browser")
    chromium = os.environ.get("MAKERSYNC_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs Chromium: apt-get install chromium, or MAKERSYNC_CHROMIUM with its path")
    faults: list[str] = []
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(base_url=address)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
        yield page
        await browser.close()
    assert faults == [], faults


def _is_fault(message: "playwright.ConsoleMessage") -> bool:
    """A part of a page, when it is opened alone, names no icon, and Chromium looks for one."""
    return message.type == "error" and not message.location["url"].endswith("/favicon.ico")
