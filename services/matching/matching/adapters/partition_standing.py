"""The rules and the date that the results of each partition number rest on."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.fence import stored

MARKET_CONSUMER = "matching.market"

NO_POLICY = 0
"""The policy of a partition whose subjects are stored and whose matches do not follow from all of them yet."""


async def market_day(session: AsyncSession, clock: Clock) -> date:
    """The latest date of any partition's results; today where nothing has been evaluated."""
    return max((row.day for row in await stored(session, MARKET_CONSUMER) if row.day), default=clock.today())


async def catching_up(session: AsyncSession) -> list[int]:
    """The partition numbers that have taken more than they have settled."""
    rows = await stored(session, MARKET_CONSUMER)
    return sorted(row.partition for row in rows if row.offsets and row.policy_version == NO_POLICY)
