"""Signing in, joining, linking and setting a password by an account at an OpenID provider that a browser has come back from."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.members.identities import Identities
from makersync.members.joining import Joining
from makersync.members.locking import locked_member
from makersync.members.misses import SignInMisses
from makersync.members.offer import MembersOffer
from makersync.members.pending_sign_ins import PendingSignIns
from makersync.members.provider_requests import ProviderRequest
from makersync.members.second_step import SecondSteps
from makersync.members.sessions import Caller, Sessions
from makersync.members.signing_in import Entered
from makersync.members.tables import MemberRow
from makersync.oidc.faults import Fault, ProviderRefused
from makersync.oidc.id_tokens import ProvenIdentity
from makersync.store.activity import Acting, note
from makersync.store.actors import member_actor

#: How long ago, at most, somebody has proven "just now" who it is, seconds.
ANEW_S = 5 * 60


@dataclass(frozen=True, slots=True)
class ProviderSigningIn:
    """In a transaction. What the provider says of a second step of its own changes nothing: that of the member holds."""

    session: AsyncSession
    pepper: bytes
    clock: Clock
    offer: MembersOffer

    async def sign_in(self, proven: ProvenIdentity, caller: Caller) -> Entered | None:
        """None when no member signs in with the account."""
        identities = Identities(self.session, self.clock)
        found = await identities.member(proven)
        member = None if found is None else await locked_member(self.session, found)
        # Whoever unlinked it, or removed the member, at this moment has locked the member too.
        if member is None or await identities.member(proven) != member.member_id:
            return None
        if await SecondSteps(self.session, self.pepper, self.clock).state(member.member_id) is not None:
            note(self.session, self.clock.now(), _own(member), "provider_before_second_step", member.member_id)
            pending = PendingSignIns(self.session, self.pepper, self.clock)
            return Entered(await pending.begin(member.member_id), needs_code=True)
        note(self.session, self.clock.now(), _own(member), "signed_in_by_provider", member.member_id)
        return Entered(await self._sessions().begin(member.member_id, caller))

    async def join(self, proven: ProvenIdentity, wanted: ProviderRequest, caller: Caller) -> Entered | None:
        """Become a member who has no password; None when the invitation is of no use. Raises AddressTaken, and Conflict when
        another member signs in with the account."""
        joining = Joining(self.session, self.pepper, self.clock, self.offer)
        member_id = await joining.join(wanted.invitation, wanted.name, "", wanted.agreed)
        member = None if member_id is None else await locked_member(self.session, member_id)
        if member is None:
            return None
        await Identities(self.session, self.clock).link(member.member_id, proven)
        note(self.session, self.clock.now(), _own(member), "provider_linked", member.member_id)
        return Entered(await self._sessions().begin(member.member_id, caller))

    async def link(self, proven: ProvenIdentity, wanted: ProviderRequest, token: str) -> bool:
        """False unless the token is of the session in which it was asked for, with the password. Raises Conflict when another
        member signs in with the account."""
        member = await self._same(wanted, token)
        if member is None:
            return False
        await Identities(self.session, self.clock).link(member.member_id, proven)
        note(self.session, self.clock.now(), _own(member), "provider_linked", member.member_id)
        return True

    async def set_password(self, proven: ProvenIdentity, wanted: ProviderRequest, token: str) -> bool:
        """The first password of a member who joined without one. False unless the token is of the session in which it was asked
        for, and the account is the member's. Raises ProviderRefused when the person has not proven it just now."""
        if proven.proven_at is None or proven.proven_at < self.clock.now().timestamp() - ANEW_S:
            raise ProviderRefused(Fault.NOT_ANEW)
        member = await self._same(wanted, token)
        whose = await Identities(self.session, self.clock).member(proven)
        if member is None or member.password_hash or whose != member.member_id:
            return False
        member.password_hash = wanted.password_hash
        note(self.session, self.clock.now(), _own(member), "password_set", member.member_id)
        return True

    async def _same(self, wanted: ProviderRequest, token: str) -> MemberRow | None:
        """The member, locked, of the session in which something was asked for."""
        signed_in = await self._sessions().find(token)
        member = None if signed_in is None else await locked_member(self.session, signed_in.member_id)
        # Another password ends the session, and has locked the member meanwhile.
        signed_in = await self._sessions().find(token)
        return member if signed_in is not None and signed_in.digest == wanted.session else None

    async def forgive(self, state: str, peer: str) -> None:
        """After the right account, as after the right password."""
        await SignInMisses(self.session, self.pepper, self.clock).forgive(request_key(state), peer)

    def _sessions(self) -> Sessions:
        return Sessions(self.session, self.pepper, self.clock, self.offer)


def _own(member: MemberRow) -> Acting:
    return Acting(member.organisation_id, member_actor(member.member_id))


def request_key(state: str) -> str:
    """What a request is counted under: each is one attempt from an address of the network."""
    return f"provider {state}"
