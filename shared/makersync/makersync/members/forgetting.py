"""Forgets what is of no use any more: sessions and invitations that have ended, and misses that are too old to count."""

from collections.abc import Awaitable, Callable

from makersync.clock import Clock
from makersync.members.half_way import HalfSignIns
from makersync.members.joining import Joining
from makersync.members.misses import SignInMisses
from makersync.members.recovery import Recoveries
from makersync.members.sessions import Sessions
from makersync.store.database import Store


def forgetting_members(store: Store, clock: Clock) -> Callable[[], Awaitable[int]]:
    """A step that deletes them and returns how many rows it deleted."""

    async def forget() -> int:
        async with store.transaction() as session:
            ended = await Sessions.forget(session, clock.now())
            ended += await HalfSignIns.forget(session, clock.now())
            ended += await Recoveries.forget(session, clock.now())
            ended += await Joining.forget(session, clock.now())
            return ended + await SignInMisses.forget(session, clock.now())

    return forget
