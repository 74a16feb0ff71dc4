"""Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

try:
    from playwright import async_api as playwright
except ModuleNotFoundError:  # `make test` collects the modules of these tests too, and needs none of it.
    playwright = None

#: A part of a page, when it is opened alone, names no icon, and Chromium looks for one.
_ICON = "/favicon.ico"


@dataclass(frozen=True, slots=True)
class Chromium:
    """One running browser."""

    browser: "playwright.Browser"
    faults: list[str]
    forgiven: tuple[str, ...]

    async def page(self, address: str) -> "playwright.Page":
        """A page of somebody who shares no cookies with anybody else."""
        context = await self.browser.new_context(base_url=address, locale="en-US")
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("console", lambda message: self.faults.append(message.text) if self._is_fault(message) else None)
        return await context.new_page()

    def _is_fault(self, message: "playwright.ConsoleMessage") -> bool:
        return message.type == "error" and not any(each in message.location["url"] for each in self.forgiven)


@asynccontextmanager
async def chromium(*forgiven: str) -> AsyncIterator[Chromium]:
    """A browser in which every error of a script and everything that is refused fails the test, but for what is refused at
    addresses with one of the `forgiven` in them."""
    if playwright is None:
        pytest.skip("needs the requirements of the browser tests: make test-browser")
    program = os.environ.get("MAKERSYNC_CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium: apt-get install chromium, or MAKERSYNC_CHROMIUM with its path")
    faults: list[str] = []
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield Chromium(browser, faults, (_ICON, *forgiven))
        await browser.close()
    assert faults == [], faults


@asynccontextmanager
async def chromium_page(address: str) -> AsyncIterator["playwright.Page"]:
    """The only page of such a browser."""
    async with chromium() as started:
        yield await started.page(address)
