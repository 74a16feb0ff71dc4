"""Signing in by address and password, and by a code where the member has set that up."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import Unauthorized, ValidationProblem
from makersync.mail.addresses import address_key
from makersync.members.locking import locked_member
from makersync.members.misses import SignInMisses
from makersync.members.offer import MembersOffer
from makersync.members.passwords import LONGEST, Passwords
from makersync.members.pending_sign_ins import PendingSignIns
from makersync.members.second_step import SecondSteps
from makersync.members.sessions import Caller, Sessions, SignedIn
from makersync.members.tables import MemberRow
from makersync.store.activity import Acting, note
from makersync.store.actors import member_actor
from makersync.store.database import Store

_LONGEST_ADDRESS = 300


@dataclass(frozen=True, slots=True)
class Entered:
    """The token of a new session; with `needs_code`, that of a browser which has to give a code before there is one."""

    token: str
    needs_code: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """A member, and the hash that a password was compared with."""

    member_id: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SigningIn:
    """`offer` says what the roles of members allow."""

    store: Store
    pepper: bytes
    clock: Clock
    offer: MembersOffer
    passwords: Passwords

    async def sign_in(self, address: str, password: str, caller: Caller) -> Entered | None:
        """None when there is no such member or the password is another. Raises TooManyRequests and ServiceUnavailable.

        No database session is open while the password is compared.
        """
        key = address_key(address.strip()[:_LONGEST_ADDRESS])
        known = await self._compared(key, col(MemberRow.address_key) == key, password, caller.peer)
        if known is None:
            return None
        async with self.store.unnoticed() as session:
            member = await locked_member(session, known.member_id)
            if member is None or member.password_hash != known.password_hash:
                return None
            await SignInMisses(session, self.pepper, self.clock).forgive(key, caller.peer)
            if await SecondSteps(session, self.pepper, self.clock).state(member.member_id) is not None:
                pending = PendingSignIns(session, self.pepper, self.clock)
                return Entered(await pending.begin(member.member_id), needs_code=True)
            return Entered(await self._begun(session, member, caller))

    async def is_pending(self, token: str) -> bool:
        """Whether the token is of a browser that gave a password not long ago."""
        async with self.store.reading() as session:
            return await PendingSignIns(session, self.pepper, self.clock).member(token) is not None

    async def finish(self, token: str, code: str, caller: Caller) -> Entered | None:
        """The session of a browser that gave a password before; None when the code is wrong. Raises TooManyRequests, and
        Unauthorized when that was too long ago."""
        async with self.store.unnoticed() as session:
            member_id = await PendingSignIns(session, self.pepper, self.clock).member(token)
            if member_id is None:
                raise _too_late()
            await self._count_code(session, member_id, caller.peer)
        async with self.store.unnoticed() as session:
            member = await locked_member(session, member_id)
            if member is None or await PendingSignIns(session, self.pepper, self.clock).member(token) is None:
                raise _too_late()
            if not await SecondSteps(session, self.pepper, self.clock).take(member_id, code):
                self._note(session, member, "second_step_failed")
                return None
            await PendingSignIns(session, self.pepper, self.clock).end(token)
            await SignInMisses(session, self.pepper, self.clock).forgive(code_key(member_id), caller.peer)
            return Entered(await self._begun(session, member, caller))

    async def count_code(self, signed_in: SignedIn, peer: str) -> None:
        """Count an attempt at a code, before it is compared. Raises TooManyRequests."""
        async with self.store.unnoticed() as session:
            await self._count_code(session, signed_in.member_id, peer)

    async def _count_code(self, session: AsyncSession, member_id: str, peer: str) -> None:
        """Within a quarter of an hour, and within a week."""
        await SecondSteps(session, self.pepper, self.clock).count(member_id)
        await SignInMisses(session, self.pepper, self.clock).count(code_key(member_id), peer)

    async def _begun(self, session: AsyncSession, member: MemberRow, caller: Caller) -> str:
        self._note(session, member, "signed_in")
        return await Sessions(session, self.pepper, self.clock, self.offer).begin(member.member_id, caller)

    def _note(self, session: AsyncSession, member: MemberRow, action: str) -> None:
        own = Acting(member.organisation_id, member_actor(member.member_id))
        note(session, self.clock.now(), own, action, member.member_id)

    async def demand_own(self, signed_in: SignedIn, password: str, peer: str) -> str:
        """Before a change that a session alone must not allow. Returns the hash that the password was compared with, which the
        change compares with that of the member then. Misses are counted apart from those at sign-in: nobody who is not signed
        in can use up the member's attempts. Raises ValidationProblem naming `present`, TooManyRequests and
        ServiceUnavailable."""
        key = f"own {signed_in.member_id}"
        known = await self._compared(key, col(MemberRow.member_id) == signed_in.member_id, password, peer)
        if known is None:
            raise ValidationProblem.of("present", "password_wrong", "is not your password")
        async with self.store.unnoticed() as session:
            await SignInMisses(session, self.pepper, self.clock).forgive(key, peer)
        return known.password_hash

    async def _compared(self, key: str, whose: ColumnElement[bool], password: str, peer: str) -> _Known | None:
        """The member, if the password is the member's; an attempt is counted under `key`."""
        async with self.store.unnoticed() as session:
            await SignInMisses(session, self.pepper, self.clock).count(key, peer)
            both = select(MemberRow.member_id, MemberRow.password_hash).where(whose)
            found = (await session.exec(both)).first()
        known = None if found is None else _Known(*found)
        is_right = await self.passwords.is_right(password[: LONGEST + 1], None if known is None else known.password_hash)
        return known if is_right else None


def code_key(member_id: str) -> str:
    """What misses of codes are counted under: the right password alone does not forgive them."""
    return f"code {member_id}"


def _too_late() -> Unauthorized:
    return Unauthorized("sign_in_over", "Sign in once more: too much time has passed.")
