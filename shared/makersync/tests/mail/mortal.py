"""A process that sends mail, and dies at its nth await: at once, without any cleaning up."""

import asyncio

from makersync.store.database import Store
from shared.makersync.tests.delivery.mortal import Mortal

from .conftest import Desk, send_all
from .post_office import PostOffice


def live(url: str, port: int, owner: str, dies_at: int) -> None:
    """Send everything that can be sent, or die."""
    asyncio.run(_live(url, port, owner, dies_at))


async def _live(url: str, port: int, owner: str, dies_at: int) -> None:
    desk = Desk(Store(url), PostOffice(port))
    # What is prepared is no part of the work.
    await desk.store.ping()

    async def work() -> None:
        await send_all(desk.sender(owner))

    async def mortal() -> None:
        await Mortal(work(), dies_at)

    await asyncio.create_task(mortal())
    await desk.store.close()
