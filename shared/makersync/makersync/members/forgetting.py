"""Forgets what is of no use any more: sessions, invitations, links, messages and requests that have ended, secrets that nobody
confirmed, and misses that are too old to count."""

from collections.abc import Awaitable, Callable

from makersync.clock import Clock
from makersync.members.claims import AddressClaims
from makersync.members.joining import Joining
from makersync.members.mailing import forget_mail
from makersync.members.misses import SignInMisses
from makersync.members.pending_sign_ins import PendingSignIns
from makersync.members.provider_requests import ProviderRequests
from makersync.members.recovery import Recoveries
from makersync.members.recovery_requests import forget_recovery_requests
from makersync.members.second_step import forget_unconfirmed
from makersync.members.sessions import Sessions
from makersync.store.database import Store


def forgetting_members(store: Store, clock: Clock) -> Callable[[], Awaitable[int]]:
    """A step that deletes them and returns how many rows it deleted."""

    async def forget() -> int:
        async with store.transaction() as session:
            ended = await Sessions.forget(session, clock.now())
            ended += await PendingSignIns.forget(session, clock.now())
            ended += await ProviderRequests.forget(session, clock.now())
            ended += await Recoveries.forget(session, clock.now())
            ended += await Joining.forget(session, clock.now())
            ended += await AddressClaims.forget(session, clock.now())
            ended += await forget_mail(session, clock.now())
            ended += await forget_recovery_requests(session, clock.now())
            ended += await forget_unconfirmed(session, clock.now())
            return ended + await SignInMisses.forget(session, clock.now())

    return forget
