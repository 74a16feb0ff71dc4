"""Signing in by address and password."""

from dataclasses import dataclass

from sqlmodel import select

from makersync.clock import Clock
from makersync.mail.addresses import address_key
from makersync.members.misses import SignInMisses
from makersync.members.offer import MembersOffer
from makersync.members.passwords import LONGEST, Passwords
from makersync.members.sessions import Caller, Sessions
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
        async with self.store.unnoticed() as session:
            await SignInMisses(session, self.pepper, self.clock).count(key, caller.peer)
            whose = select(MemberRow).where(MemberRow.address_key == key)
            member = (await session.exec(whose)).first()
            known = None if member is None else (member.member_id, member.password_hash)
        password_hash = None if known is None else known[1]
        if not await self.passwords.is_right(password[: LONGEST + 1], password_hash) or known is None:
            return None
        async with self.store.unnoticed() as session:
            await SignInMisses(session, self.pepper, self.clock).forgive(key, caller.peer)
            return await Sessions(session, self.pepper, self.clock, self.offer).begin(known[0], caller)
