"""Operators in a browser at the pages of matching."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from service_world import PEPPER, World

from makersync.http.wiring import Wiring
from makersync.members.joining import MemberInvitation
from makersync.members.offer import OPERATORS, OPERATORS_ALONE
from makersync.pages.session_cookie import SessionCookie
from tests.servers.applications import application
from tests.visiting.browser import Browser, invited, joined, visiting

COOKIE = SessionCookie("matching")


def app_of(world: World) -> FastAPI:
    return application(world.definition, world.context, wiring_of(world))


async def invited_operator(world: World) -> str:
    """The path of an invitation's link, with an address that is longer than any line of a phone."""
    return await invited(
        wiring_of(world), OPERATORS_ALONE, MemberInvitation(OPERATORS, f"{'a' * 60}@{'b' * 60}.example", "operator")
    )


@asynccontextmanager
async def visitor_of(world: World, app: FastAPI | None = None) -> AsyncIterator[Browser]:
    """Nobody yet."""
    async with visiting(app or app_of(world)) as browser:
        yield browser


@asynccontextmanager
async def operator_of(world: World, app: FastAPI | None = None) -> AsyncIterator[Browser]:
    """Signed in as an operator."""
    async with visitor_of(world, app) as browser:
        yield await operator_at(world, browser)


async def operator_at(world: World, browser: Browser, address: str = "jo@platform.example") -> Browser:
    """The browser, signed in as an operator."""
    invitation = MemberInvitation(OPERATORS, address, "operator")
    return await joined(wiring_of(world), OPERATORS_ALONE, invitation, browser, COOKIE)


def wiring_of(world: World) -> Wiring:
    return Wiring(world.context.settings, world.store, world.clock, world.context.metrics, PEPPER)
