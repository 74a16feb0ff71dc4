"""Every page of matching with something on it, those that all services have for operators among them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from service_world import CREDENTIALS, World, award
from sqlmodel import select
from visits import invited_operator, operator_at, wiring_of

from makersync.effects.halts import Halt, record_halt
from makersync.store.tables import DeadLetterRow
from tests.visiting.browser import Browser, visiting
from tests.visiting.every_page import OF_ALL_SERVICES, EveryPage
from tests.visiting.visitors import Visitor, while_signing_in


async def every_page_of(world: World, invitation: str) -> EveryPage:
    """The addresses as an operator visits them, by the paths of their routes."""
    await world.opening()
    for learner in ("ann", "bob"):
        await world.learner(learner, award(CREDENTIALS[1]))
    await world.settle()
    await world.learner("ann")
    await world.settle()
    await world.learner("cid", award(CREDENTIALS[1]), seeking="perhaps")
    await world.settle()
    async with world.store.reading() as session:
        letter = (await session.exec(select(DeadLetterRow.id))).one()
    pair = "/pairs?opening=job&learner=ann"
    async with world.store.transaction() as session:
        await record_halt(session, Halt("matching.market", 3, "", "too many dead letters", world.clock.now()))
    return {
        **OF_ALL_SERVICES,
        "/join/{token}": [invitation],
        "/markets": ["/markets"],
        "/dead-letters": ["/dead-letters", "/dead-letters?status=replayed"],
        "/dead-letters/{letter_id}": [f"/dead-letters/{letter}"],
        "/pairs": ["/pairs", pair, f"{pair}&at=match-1", f"{pair}&at=learner-1"],
        "/policy": ["/policy"],
        "/activity/decisions": ["/activity/decisions"],
        "/operations": ["/operations"],
        "/operations/now": ["/operations/now"],
    }


@asynccontextmanager
async def everybody(world: World, app: FastAPI) -> AsyncIterator[list[Visitor]]:
    """An operator, and operators who sign in. The service sends no mail."""

    async def enter(browser: Browser, address: str) -> Browser:
        return await operator_at(world, browser, address)

    async with visiting(app) as first, while_signing_in(app, wiring_of(world), enter, sends_mail=False) as others:
        operator = await enter(first, "jo@platform.example")
        yield [Visitor(operator, await every_page_of(world, await invited_operator(world))), *others]
