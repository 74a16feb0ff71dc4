"""What is wrong in this service by rules of its own, for the operators' page of what happens now."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.pages.words import count
from makersync.runtime.trouble import Trouble
from matching.adapters.partition_standing import market_day
from matching.adapters.reach_repository import openings_waiting_for_day
from matching.domain.reach.published import MOST_NEW_TERMS


async def operator_troubles(session: AsyncSession, clock: Clock) -> Sequence[Trouble]:
    day = await market_day(session, clock)
    waiting = await openings_waiting_for_day(session, day)
    if not waiting:
        return ()
    return (
        Trouble(
            f"{count(waiting, 'opening')} changed terms more than {MOST_NEW_TERMS} times on {day.isoformat()}. Their employers "
            "see the counts of earlier terms until midnight; candidates are matched by the new ones.",
            None,
            "Nothing has to be mended: the counts follow with the next day. If it happens often, ask the employer what it "
            "tries: many small changes can be a search for single learners.",
            is_grave=False,
        ),
    )
