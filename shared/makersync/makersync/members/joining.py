"""How a person becomes a member: somebody invites an address, and whoever opens the link chooses a password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import Conflict, ValidationProblem
from makersync.identifiers import new_id
from makersync.mail.addresses import AddressUnfit, address_key, checked_address
from makersync.members.hashing import LONGEST_TOKEN, KeyedHashes, new_token
from makersync.members.offer import MembersOffer
from makersync.members.tables import MemberInvitationRow, MemberRow
from makersync.store.activity import Acting, note, note_in

INVITATION = timedelta(days=7)
#: Where the links lead to, before their tokens.
JOIN_PATH = "/join"
#: Members and invitations of an organisation together.
MOST_MEMBERS = 500


@dataclass(frozen=True, slots=True)
class MemberInvitation:
    """Whom a link makes a member of what. `invited_by` is the id of the member who invites; None where no member does."""

    organisation_id: str
    address: str
    role: str
    invited_by: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """The token of an invitation's link, the address as it is kept, and from when the link is of no use."""

    token: str
    address: str
    until: datetime


class Joining:
    """In one database session, which has to be a transaction for everything but `find`."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock, offer: MembersOffer) -> None:
        self._session, self._clock, self._offer = session, clock, offer
        self._hashes = KeyedHashes(pepper, "member invitation")

    async def invite(self, wanted: MemberInvitation) -> IssuedInvitation:
        """The token of the link cannot be read again. Earlier links to the same address end. Raises
        ValidationProblem and Conflict."""
        address = _checked(wanted.address)
        roles = self._offer.roles_in(wanted.organisation_id)
        if wanted.role not in roles:
            raise ValidationProblem.of("role", "unknown_role", f"must be among {', '.join(roles)}")
        if await self._member_at(address) is not None:
            raise _taken()
        token, key, until = new_token(), address_key(address), self._clock.now() + INVITATION
        whose = col(MemberInvitationRow.organisation_id) == wanted.organisation_id
        await self._session.exec(delete(MemberInvitationRow).where(whose, col(MemberInvitationRow.address_key) == key))
        await self._demand_room(wanted.organisation_id)
        row = MemberInvitationRow(
            digest=self._hashes.of(token),
            organisation_id=wanted.organisation_id,
            address=address,
            address_key=key,
            role=wanted.role,
            until=until,
            invited_by=wanted.invited_by,
        )
        note_in(self._session, self._clock.now(), wanted.organisation_id, "member_invited", "", role=wanted.role)
        await self._add(row, Conflict("invited_now", "Somebody else invites this address at this moment. Try again."))
        return IssuedInvitation(token, address, until)

    async def find(self, token: str) -> MemberInvitation | None:
        """None when the link is unknown, was used or is too old."""
        row = await self._row(token)
        return None if row is None else MemberInvitation(row.organisation_id, row.address, row.role)

    async def join(self, token: str, name: str, password_hash: str) -> str | None:
        """The id of the new member; None when the link is of no use. Raises Conflict."""
        row = await self._row(token, is_used=True)
        if row is None:
            return None
        if await self._member_at(row.address) is not None:
            raise _taken()
        now = self._clock.now()
        member = MemberRow(
            member_id=new_id("mem", now),
            organisation_id=row.organisation_id,
            address=row.address,
            address_key=address_key(row.address),
            name=name,
            role=row.role,
            password_hash=password_hash,
            created_at=now,
        )
        await self._session.delete(row)
        await self._add(member, _taken())
        own = Acting(member.organisation_id, f"member:{member.member_id}")
        note(self._session, now, own, "member_joined", member.member_id, role=row.role)
        return member.member_id

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete the links that are too old; returns how many."""
        over = col(MemberInvitationRow.until) <= now
        return (await session.exec(delete(MemberInvitationRow).where(over))).rowcount

    async def _row(self, token: str, is_used: bool = False) -> MemberInvitationRow | None:
        if len(token) > LONGEST_TOKEN:
            return None
        row = await self._session.get(MemberInvitationRow, self._hashes.of(token), with_for_update=is_used)
        return row if row is not None and row.until > self._clock.now() else None

    async def _add(self, row: MemberRow | MemberInvitationRow, taken: Conflict) -> None:
        self._session.add(row)
        try:
            await self._session.flush()
        except IntegrityError as error:
            raise taken from error

    async def _member_at(self, address: str) -> MemberRow | None:
        return (await self._session.exec(select(MemberRow).where(MemberRow.address_key == address_key(address)))).first()

    async def _demand_room(self, organisation_id: str) -> None:
        members = (col(MemberRow.organisation_id) == organisation_id,)
        valid = col(MemberInvitationRow.until) > self._clock.now()
        invited = (col(MemberInvitationRow.organisation_id) == organisation_id, valid)
        count = 0
        for table, those in ((MemberRow, members), (MemberInvitationRow, invited)):
            count += (await self._session.exec(select(func.count()).select_from(table).where(*those))).one()
        if count >= MOST_MEMBERS:
            raise Conflict("too_many_members", f"An organisation has at most {MOST_MEMBERS} members.")


def _taken() -> Conflict:
    return Conflict("member_exists", "Somebody signs in with this address already.")


def _checked(address: str) -> str:
    try:
        return checked_address(address)
    except AddressUnfit as unfit:
        raise ValidationProblem.of("address", "mail_address", str(unfit)) from unfit
