"""Signing in by address and password."""

from dataclasses import dataclass

from sqlmodel import select

from makersync.clock import Clock
from makersync.http.problems import ValidationProblem
from makersync.mail.addresses import address_key
from makersync.members.misses import SignInMisses
from makersync.members.offer import MembersOffer
from makersync.members.passwords import LONGEST, Passwords
from makersync.members.sessions import Caller, Sessions, SignedIn
from makersync.members.tables import MemberRow
from makersync.store.database import Store

_LONGEST_ADDRESS = 300


@dataclass(frozen=True, slots=True)
class SigningIn:
    """`offer` says what the roles of members allow."""

    store: Store
    pepper: bytes
    clock: Clock
    offer: MembersOffer
    passwords: Passwords

    async def sign_in(self, address: str, password: str, caller: Caller) -> str | None:
        """The token of a new session; None when there is no such member or the password is another. Raises TooManyRequests
        and ServiceUnavailable.

        No database session is open while the password is compared.
        """
        key = address_key(address.strip()[:_LONGEST_ADDRESS])
        member_id = await self._compared(key, password, caller.peer)
        if member_id is None:
            return None
        async with self.store.unnoticed() as session:
            await SignInMisses(session, self.pepper, self.clock).forgive(key, caller.peer)
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
