"""Every page of matching with something on it, those that all services have for operators among them."""

from service_world import CREDENTIALS, World, award
from sqlmodel import select

from makersync.effects.halts import Halt, record_halt
from makersync.store.tables import DeadLetterRow
from tests.visiting.every_page import OF_ALL_SERVICES, EveryPage


async def every_page_of(world: World, invitation: str) -> EveryPage:
    """The addresses as an operator visits them, by the paths of their routes."""
    await world.opening()
    for learner in ("ann", "bob"):
        await world.learner(learner, award(CREDENTIALS[1]))
    await world.settle()
    await world.learner("cid", award(CREDENTIALS[1]), seeking="perhaps")
    await world.settle()
    async with world.store.reading() as session:
        letter = (await session.exec(select(DeadLetterRow.id))).one()
    async with world.store.transaction() as session:
        await record_halt(session, Halt("matching.market", 3, "", "too many dead letters", world.clock.now()))
    return {
        **OF_ALL_SERVICES,
        "/join/{token}": [invitation],
        "/markets": ["/markets"],
        "/dead-letters": ["/dead-letters"],
        "/dead-letters/{letter_id}": [f"/dead-letters/{letter}"],
        "/pairs": ["/pairs"],
        "/policy": ["/policy"],
        "/operations": ["/operations"],
        "/operations/now": ["/operations/now"],
    }
