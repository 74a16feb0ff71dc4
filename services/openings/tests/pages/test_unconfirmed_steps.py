"""A second step that nobody confirmed: its secret is forgotten once no code of it would count."""

from datetime import timedelta

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.forgetting import forgetting_members
from makersync.members.second_step import UNCONFIRMED
from makersync.members.tables import SecondStepRow
from tests.visiting.browser import Browser

from .authenticator import begun, set_up

pytestmark = pytest.mark.usefixtures("acme")


async def steps(wiring: Wiring) -> int:
    async with wiring.store.reading() as session:
        return len((await session.exec(select(SecondStepRow))).all())


async def test_a_secret_that_nobody_confirmed_is_forgotten(wiring: Wiring, clock: ManualClock, browser: Browser) -> None:
    """Guards: what would open a second step later would be kept for nothing."""
    await begun(wiring, clock, browser)
    forget = forgetting_members(wiring.store, clock)
    clock.move_to(clock.now() + UNCONFIRMED - timedelta(seconds=1))
    await forget()
    assert await steps(wiring) == 1
    clock.move_to(clock.now() + timedelta(seconds=1))
    await forget()
    assert await steps(wiring) == 0


async def test_a_confirmed_step_stays(wiring: Wiring, clock: ManualClock, browser: Browser) -> None:
    await set_up(wiring, clock, browser)
    clock.move_to(clock.now() + 2 * UNCONFIRMED)
    await forgetting_members(wiring.store, clock)()
    assert await steps(wiring) == 1
