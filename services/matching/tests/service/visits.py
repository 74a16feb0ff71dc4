"""Operators in a browser at the pages of matching."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service_world import PEPPER, World

from makersync.http.wiring import Wiring
from makersync.members.joining import MemberInvitation
from makersync.members.offer import OPERATORS, OPERATORS_ALONE
from makersync.pages.session_cookie import SessionCookie
from tests.servers.applications import application
from tests.visiting.browser import Browser, joined, visiting

COOKIE = SessionCookie("matching")


@asynccontextmanager
async def visitor_of(world: World) -> AsyncIterator[Browser]:
    """Nobody yet."""
    wiring = Wiring(world.context.settings, world.store, world.clock, world.context.metrics, PEPPER)
    async with visiting(application(world.definition, world.context, wiring)) as browser:
        yield browser


@asynccontextmanager
async def operator_of(world: World) -> AsyncIterator[Browser]:
    """Signed in as an operator."""
    wiring = Wiring(world.context.settings, world.store, world.clock, world.context.metrics, PEPPER)
    invitation = MemberInvitation(OPERATORS, "jo@platform.example", "operator")
    async with visitor_of(world) as browser:
        yield await joined(wiring, OPERATORS_ALONE, invitation, browser, COOKIE)
