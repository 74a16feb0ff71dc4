"""Signing in by address and password, and by a code where the member has set that up."""

from dataclasses import dataclass

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import Unauthorized, ValidationProblem
from makersync.mail.addresses import address_key
from makersync.members.half_way import HalfSignIns
from makersync.members.misses import SignInMisses
from makersync.members.offer import MembersOffer
from makersync.members.passwords import LONGEST, Passwords
from makersync.members.second_step import SecondSteps
from makersync.members.sessions import Caller, Sessions, SignedIn
from makersync.members.tables import MemberRow
from makersync.store.database import Store

_LONGEST_ADDRESS = 300


@dataclass(frozen=True, slots=True)
class Entered:
    """The token of a new session; with `needs_code`, that of a browser which has to give a code before there is one."""

    token: str
    needs_code: bool = False


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
        member_id = await self._compared(key, password, caller.peer)
        if member_id is None:
            return None
        async with self.store.unnoticed() as session:
            await SignInMisses(session, self.pepper, self.clock).forgive(key, caller.peer)
            if await SecondSteps(session, self.pepper, self.clock).state(member_id) is not None:
                return Entered(await HalfSignIns(session, self.pepper, self.clock).begin(member_id), needs_code=True)
            return Entered(await self._begun(session, member_id, caller))

    async def is_half_way(self, token: str) -> bool:
        """Whether the token is of a browser that gave a password not long ago."""
        async with self.store.reading() as session:
            return await HalfSignIns(session, self.pepper, self.clock).member(token) is not None

    async def finish(self, token: str, code: str, caller: Caller) -> Entered | None:
        """The session of a browser that gave a password before; None when the code is wrong. Raises TooManyRequests, and
        Unauthorized when that was too long ago."""
        async with self.store.unnoticed() as session:
            member_id = await HalfSignIns(session, self.pepper, self.clock).member(token)
            if member_id is None:
                raise _too_late()
            await SignInMisses(session, self.pepper, self.clock).count(code_key(member_id), caller.peer)
        async with self.store.unnoticed() as session:
            if not await SecondSteps(session, self.pepper, self.clock).take(member_id, code):
                return None
            if not await HalfSignIns(session, self.pepper, self.clock).end(token):
                raise _too_late()
            await SignInMisses(session, self.pepper, self.clock).forgive(code_key(member_id), caller.peer)
            return Entered(await self._begun(session, member_id, caller))

    async def count_code(self, signed_in: SignedIn, peer: str) -> None:
        """Count an attempt at a code, before it is compared. Raises TooManyRequests."""
        async with self.store.unnoticed() as session:
            await SignInMisses(session, self.pepper, self.clock).count(code_key(signed_in.member_id), peer)

    async def _begun(self, session: AsyncSession, member_id: str, caller: Caller) -> str:
        return await Sessions(session, self.pepper, self.clock, self.offer).begin(member_id, caller)

    async def demand_own(self, signed_in: SignedIn, password: str, peer: str) -> None:
        """Before a change that a session alone must not allow. Raises ValidationProblem naming `present`, TooManyRequests and
        ServiceUnavailable."""
        key = address_key(signed_in.address)
        if await self._compared(key, password, peer) != signed_in.member_id:
            raise ValidationProblem.of("present", "password_wrong", "is not your password")
        async with self.store.unnoticed() as session:
            await SignInMisses(session, self.pepper, self.clock).forgive(key, peer)

    async def _compared(self, key: str, password: str, peer: str) -> str | None:
        """The member at the address, if the password is the member's."""
        async with self.store.unnoticed() as session:
            await SignInMisses(session, self.pepper, self.clock).count(key, peer)
            whose = select(MemberRow.member_id, MemberRow.password_hash).where(MemberRow.address_key == key)
            known = (await session.exec(whose)).first()
        is_right = await self.passwords.is_right(password[: LONGEST + 1], None if known is None else known[1])
        return known[0] if is_right and known is not None else None


def code_key(member_id: str) -> str:
    """What misses of codes are counted under: the right password alone does not forgive them."""
    return f"code {member_id}"


def _too_late() -> Unauthorized:
    return Unauthorized("sign_in_over", "Sign in once more: too much time has passed.")
