"""Accounts at an OpenID provider by which members sign in. An account is known by issuer and subject, never by its address."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import Conflict
from makersync.mail.addresses import address_key
from makersync.members.address_holders import member_at
from makersync.members.identity_tables import MemberIdentityRow
from makersync.oidc.id_tokens import ProvenIdentity


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    issuer: str
    linked_at: datetime


class Identities:
    """In one database session, which has to be a transaction for `link`."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def member(self, proven: ProvenIdentity) -> str | None:
        """The id of the member who signs in with the account."""
        row = await self._session.get(MemberIdentityRow, (proven.issuer, proven.subject), populate_existing=True)
        return None if row is None else row.member_id

    async def of_member(self, member_id: str) -> list[LinkedIdentity]:
        """At any provider, also one that is set up no more."""
        mine = select(MemberIdentityRow).where(MemberIdentityRow.member_id == member_id)
        rows = await self._session.exec(mine.order_by(col(MemberIdentityRow.issuer)))
        return [LinkedIdentity(row.issuer, row.linked_at) for row in rows]

    async def link(self, member_id: str, proven: ProvenIdentity) -> None:
        """From now on the member, who is locked, signs in with the account, in place of an earlier one of the same provider.
        Raises Conflict where another member does."""
        whose = await self.member(proven)
        if whose == member_id:
            return
        if whose is not None:
            raise identity_taken()
        earlier = (col(MemberIdentityRow.member_id) == member_id, col(MemberIdentityRow.issuer) == proven.issuer)
        await self._session.exec(delete(MemberIdentityRow).where(*earlier))
        row = MemberIdentityRow(issuer=proven.issuer, subject=proven.subject, member_id=member_id, linked_at=self._clock.now())
        self._session.add(row)
        try:
            await self._session.flush()
        except IntegrityError as error:
            raise identity_taken() from error

    async def is_address_of_member(self, proven: ProvenIdentity) -> bool:
        """Whether somebody signs in with the address that the provider has verified."""
        return proven.address is not None and await member_at(self._session, address_key(proven.address)) is not None


def identity_taken() -> Conflict:
    text = "Another member signs in with this account already. Sign in with it, or use another account."
    return Conflict("identity_taken", text)
