"""Everybody who looks at the pages of this service, in the tests that look at all of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from makersync.http.wiring import Wiring
from makersync.members.offer import OPERATORS
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Feed
from tests.visiting.browser import Browser, visiting
from tests.visiting.visitors import Visitor, while_signing_in

from .conftest import joined
from .every_page import every_page_of, every_page_of_operators


@asynccontextmanager
async def everybody(app: FastAPI, wiring: Wiring, acme: Caller, feed: Feed) -> AsyncIterator[list[Visitor]]:
    """An administrator of acme, an operator, and members who sign in."""

    async def enter(browser: Browser, address: str) -> Browser:
        return await joined(wiring, browser, address=address, role="admin")

    async with visiting(app) as first, visiting(app) as second, while_signing_in(app, wiring, enter) as others:
        admin = await enter(first, "ada@acme.example")
        operator = await joined(wiring, second, address="op@platform.example", role="operator", whose=OPERATORS)
        pages, of_operators = await every_page_of(wiring, acme, feed), await every_page_of_operators(wiring)
        yield [Visitor(admin, pages), Visitor(operator, of_operators), *others]
