"""Deletes what every service keeps only for a while: responses to creations, ended keys, closed dead letters, old activity."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.dead_letters import forget_closed
from makersync.http import idempotency, key_succession
from makersync.runtime.service import Context, Periodic
from makersync.store.activity import forget_activity

EVERY_S = 60.0
#: Transactions per step; what is left is deleted in the next step.
MOST_ROUNDS = 50

Forget = Callable[[AsyncSession, Clock], Awaitable[int]]


def housekeeping(context: Context) -> Sequence[Periodic]:
    """Steps for every process with the `http` role; it does no harm if two processes run them at once."""
    kept = timedelta(days=context.settings.keep_dead_letters_days)

    async def forget_dead_letters(session: AsyncSession, clock: Clock) -> int:
        return await forget_closed(session, clock.now() - kept)

    kept_activity = timedelta(days=context.settings.keep_activity_days)

    async def forget_old_activity(session: AsyncSession, clock: Clock) -> int:
        return await forget_activity(session, clock.now() - kept_activity)

    return (
        Periodic("forget old activity", EVERY_S, _repeated(context, forget_old_activity)),
        Periodic("forget closed dead letters", EVERY_S, _repeated(context, forget_dead_letters)),
        Periodic("forget idempotency answers", EVERY_S, _repeated(context, idempotency.purge)),
        Periodic("forget ended keys", EVERY_S, _repeated(context, key_succession.forget_ended)),
    )


def _repeated(context: Context, forget: Forget) -> Callable[[], Awaitable[None]]:
    async def step() -> None:
        for _ in range(MOST_ROUNDS):
            async with context.store.transaction() as session:
                if not await forget(session, context.clock):
                    return

    return step
