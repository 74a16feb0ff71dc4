"""How members verify the address that they sign in with, and take another one."""

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import Conflict, ValidationProblem
from makersync.mail.addresses import AddressUnfit, address_key, checked_address
from makersync.members.address_holders import address_taken, free_for_owner, member_at
from makersync.members.claims import AddressClaim, AddressClaims
from makersync.members.joining import INVITATION
from makersync.members.locking import locked_member
from makersync.members.mailing import MailKind, MemberMailing, WantedMail
from makersync.members.recovery import end_recoveries
from makersync.members.recovery_requests import end_recovery_requests
from makersync.members.sessions import SignedIn
from makersync.members.tables import MemberRow
from makersync.store.activity import Acting, note, note_own
from makersync.store.actors import member_actor


class Verifying:
    """In a transaction."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._claims = AddressClaims(session, pepper, clock)

    async def ask_own(self, signed_in: SignedIn) -> None:
        """Write to the member's address. Raises Conflict when it is verified, and TooManyRequests."""
        member = await locked_member(self._session, signed_in.member_id)
        if member is None or member.verified_at is not None:
            raise Conflict("address_verified", "Your address is verified already.")
        await self._claims.make(member, member.address)

    async def ask_other(self, member: MemberRow, wanted: str) -> None:
        """Write to another address, which replaces that of the member, who is locked, once it is confirmed. Nothing tells
        whether somebody signs in with it. Raises ValidationProblem and TooManyRequests."""
        try:
            address = checked_address(wanted)
        except AddressUnfit as unfit:
            raise ValidationProblem.of("address", "mail_address", str(unfit)) from unfit
        if address_key(address) == member.address_key:
            raise ValidationProblem.of("address", "same_address", "is the address that you sign in with now")
        await self._claims.make(member, address)
        note_own(self._session, self._clock.now(), "address_change_asked", member.member_id)

    async def confirm(self, token: str, agreed: str) -> bool:
        """By whoever reads the message; `agreed` is as for `free_for_owner`. Returns False when the link is of no use. Raises
        AddressTaken."""
        claim = await self._claims.find(token)
        member = None if claim is None else await self._locked(claim)
        if claim is None or member is None or not await self._claims.use(token):
            return False
        if address_key(claim.address) == member.address_key:
            self._verify(member, "address_verified")
        else:
            await free_for_owner(self._session, self._clock, address_key(claim.address), agreed)
            await self._replace(member, claim.address)
        return True

    async def _locked(self, claim: AddressClaim) -> MemberRow | None:
        """With whoever holds the address, in one order: two members may claim each other's."""
        holder = await member_at(self._session, address_key(claim.address))
        for each in sorted({claim.member_id, holder.member_id} if holder else {claim.member_id}):
            await locked_member(self._session, each)
        return await locked_member(self._session, claim.member_id)

    async def _replace(self, member: MemberRow, address: str) -> None:
        """Links that were mailed to the address before end, and it is told."""
        await end_recoveries(self._session, member.member_id)
        await end_recovery_requests(self._session, member.member_id)
        until = self._clock.now() + INVITATION
        told = WantedMail(MailKind.CHANGED, member.organisation_id, member.address, until)
        await MemberMailing(self._session, self._clock).post(told)
        member.address, member.address_key = address, address_key(address)
        self._verify(member, "address_changed")
        try:
            await self._session.flush()
        except IntegrityError as error:
            raise address_taken() from error

    def _verify(self, member: MemberRow, action: str) -> None:
        now = self._clock.now()
        member.verified_at = now
        own = Acting(member.organisation_id, member_actor(member.member_id))
        note(self._session, now, own, action, member.member_id)
