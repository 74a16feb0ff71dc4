"""What is wrong in this service by rules of its own, for the operators' page of what happens now."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.waiting_introductions import waiting_introductions
from makersync.clock import Clock
from makersync.runtime.trouble import Trouble


async def operator_troubles(session: AsyncSession, clock: Clock) -> Sequence[Trouble]:
    """Introductions that nobody answers lapse on their day: one that waits longer tells of a standstill."""
    waiting = await waiting_introductions(session)
    if waiting.answer_by is None or not waiting.days_overdue(clock.today()):
        return ()
    return (
        Trouble(
            f"Introductions are overdue: the earliest was to be answered or to lapse by {waiting.answer_by.isoformat()}. "
            "Employers wait for candidates, and providers are asked for answers that no longer help.",
            None,
            "This service lets them lapse every few seconds: look in its log for periodic_step_waiting with the step settle "
            "introductions, and what makersync learners healthcheck says; changes may be stopped by a condition.",
        ),
    )
