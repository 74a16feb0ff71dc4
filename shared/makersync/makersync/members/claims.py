"""Addresses that members want to sign in with and have not confirmed yet: their own, or another one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keyed_hashes import LONGEST_TOKEN, KeyedHashes
from makersync.mail.addresses import address_key
from makersync.members.mailing import MailKind, MailLinks, MemberMailing, WantedMail
from makersync.members.tables import AddressClaimRow, MemberRow

CLAIM = timedelta(days=1)
#: Where the links lead to, before their tokens.
CONFIRM_PATH = "/address"


@dataclass(frozen=True, slots=True)
class AddressClaim:
    """`is_other` says that the member signs in with another address until this one is confirmed."""

    member_id: str
    organisation_id: str
    address: str
    is_other: bool


class AddressClaims:
    """In one database session, which has to be a transaction for everything but `find`."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._hashes, self._links = KeyedHashes(pepper, "address claim"), MailLinks(pepper)

    async def make(self, member: MemberRow, address: str) -> None:
        """Write to the address. What the member, who is locked, claimed before ends. Raises TooManyRequests."""
        await end_claims(self._session, member.member_id)
        until = self._clock.now() + CLAIM
        wanted = WantedMail(MailKind.VERIFICATION, member.organisation_id, address, until, member.member_id)
        letter_id = await MemberMailing(self._session, self._clock).post(wanted)
        row = AddressClaimRow(digest=self._digest(letter_id), member_id=member.member_id, address=address, until=until)
        self._session.add(row)
        await self._session.flush()

    async def find(self, token: str) -> AddressClaim | None:
        """None when the link is unknown, was used or replaced, or is too old."""
        if len(token) > LONGEST_TOKEN:
            return None
        return await self._found(self._hashes.of(token))

    async def of_letter(self, letter_id: str) -> AddressClaim | None:
        """What the message is to have confirmed; None once that is over."""
        return await self._found(self._digest(letter_id))

    async def use(self, token: str) -> bool:
        """Returns False when another has used the link meanwhile."""
        mine = col(AddressClaimRow.digest) == self._hashes.of(token)
        return (await self._session.exec(delete(AddressClaimRow).where(mine))).rowcount > 0

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete the links that are too old; returns how many."""
        return (await session.exec(delete(AddressClaimRow).where(col(AddressClaimRow.until) <= now))).rowcount

    async def _found(self, digest: str) -> AddressClaim | None:
        both = select(AddressClaimRow, MemberRow).join(MemberRow, col(MemberRow.member_id) == col(AddressClaimRow.member_id))
        valid = both.where(AddressClaimRow.digest == digest, col(AddressClaimRow.until) > self._clock.now())
        found = (await self._session.exec(valid)).first()
        if found is None:
            return None
        row, member = found
        is_other = address_key(row.address) != member.address_key
        return AddressClaim(row.member_id, member.organisation_id, row.address, is_other)

    def _digest(self, letter_id: str) -> str:
        return self._hashes.of(self._links.token(letter_id))


async def end_claims(session: AsyncSession, member_id: str) -> None:
    """Links to confirm an address, once the member is removed, wants another, or has another password."""
    await session.exec(delete(AddressClaimRow).where(col(AddressClaimRow.member_id) == member_id))
