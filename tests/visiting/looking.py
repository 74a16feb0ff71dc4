"""Looks at every page of a service in a real browser."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

from fastapi import FastAPI

from makersync.runtime.service import Context
from tests.visiting.chromium import chromium_page, playwright
from tests.visiting.every_page import EveryPage, carry_over
from tests.visiting.serving import served
from tests.visiting.visitors import Visitor

WIDTHS = (360, 768, 1440)
Look = Callable[["playwright.Page", EveryPage], Awaitable[None]]


async def look_at_every_page(app: FastAPI, context: Context, visitors: Sequence[Visitor], look: Look) -> None:
    """As each visitor, on the pages that are meant for it."""
    async with aclosing(served(app, context)) as serving:
        address = await anext(serving)
        async with chromium_page(address) as page:
            for each in visitors:
                await carry_over(dict(each.browser.http.cookies), page, address)
                await look(page, each.pages)
