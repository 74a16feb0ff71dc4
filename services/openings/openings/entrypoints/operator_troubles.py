"""What is wrong in this service by rules of its own, for the operators' page of what happens now."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.runtime.trouble import Trouble
from openings.adapters.waiting_introductions import waiting_introductions


async def operator_troubles(session: AsyncSession, clock: Clock) -> Sequence[Trouble]:
    """Introductions that nobody answers lapse on their day: one that waits longer tells of a standstill."""
    waiting = await waiting_introductions(session)
    if waiting.answer_by is None or not waiting.days_overdue(clock.today()):
        return ()
    return (
        Trouble(
            f"Introductions are overdue: the earliest was to be answered or to lapse by {waiting.answer_by.isoformat()}. "
            "Employers wait for candidates of whom they should be told that nobody answered.",
            None,
            "The answers come from the learners service: check whether its page shows the same, and how far the consumer of "
            "introduction answers is behind here.",
        ),
    )
