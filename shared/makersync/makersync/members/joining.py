"""How a person becomes a member: somebody invites an address, and whoever opens the link chooses a password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keyed_hashes import LONGEST_TOKEN, KeyedHashes, new_token
from makersync.http.problems import Conflict, ValidationProblem
from makersync.identifiers import new_id
from makersync.mail.addresses import AddressUnfit, address_key, checked_address
from makersync.mail.states import DEFERRED
from makersync.members.address_holders import address_taken, free_for_owner, member_at
from makersync.members.mailing import WAITING, MailKind, MailLinks, MemberMailing, WantedMail, drop_mail
from makersync.members.offer import MembersOffer
from makersync.members.tables import MemberInvitationRow, MemberRow
from makersync.store.activity import Acting, note, note_in
from makersync.store.actors import member_actor

INVITATION = timedelta(days=7)
#: Where the links lead to, before their tokens.
JOIN_PATH = "/join"
#: Members and invitations of an organisation together.
MOST_MEMBERS = 500


@dataclass(frozen=True, slots=True)
class MemberInvitation:
    """Whom a link makes a member of what. `invited_by` is the id of the member who invites; None where no member does. With
    `is_mailed` the link goes to the address by mail, and whoever opens it has shown that the address is theirs."""

    organisation_id: str
    address: str
    role: str
    invited_by: str | None = None
    is_mailed: bool = False


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """The token of an invitation's link, the address as it is kept, and from when the link is of no use. One that is mailed has
    the id of its message instead of the token, which nobody is told."""

    token: str
    address: str
    until: datetime
    letter_id: str | None = None


class Joining:
    """In one database session, which has to be a transaction for everything but `find`."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock, offer: MembersOffer) -> None:
        self._session, self._clock, self._offer = session, clock, offer
        self._hashes, self._links = KeyedHashes(pepper, "member invitation"), MailLinks(pepper)

    async def invite(self, wanted: MemberInvitation) -> IssuedInvitation:
        """The token of the link cannot be read again. Earlier links to the same address end, but one whose message is still to
        be sent stays as it is. Whether somebody signs in with the address for another organisation is not looked at: it is
        whoever opens the link who learns it. Raises ValidationProblem, Conflict and TooManyRequests."""
        address = _checked(wanted.address)
        roles = self._offer.roles_in(wanted.organisation_id)
        if wanted.role not in roles:
            raise ValidationProblem.of("role", "unknown_role", f"must be among {', '.join(roles)}")
        await self._demand_new(wanted.organisation_id, address_key(address))
        before = await self._before(wanted.organisation_id, address_key(address))
        if before is not None:
            if wanted.is_mailed and await self._is_under_way(before, wanted):
                return IssuedInvitation("", before.address, before.until, before.letter_id)
            await drop_mail(self._session, [before.letter_id])
            await self._session.delete(before)
            await self._session.flush()
        await self._demand_room(wanted.organisation_id)
        return await self._issued(wanted, address)

    async def _issued(self, wanted: MemberInvitation, address: str) -> IssuedInvitation:
        until, letter_id, token = self._clock.now() + INVITATION, None, new_token()
        if wanted.is_mailed:
            wanted_mail = WantedMail(MailKind.INVITATION, wanted.organisation_id, address, until)
            letter_id = await MemberMailing(self._session, self._clock).post(wanted_mail)
            token = self._links.token(letter_id)
        row = MemberInvitationRow(
            digest=self._hashes.of(token),
            organisation_id=wanted.organisation_id,
            address=address,
            address_key=address_key(address),
            role=wanted.role,
            until=until,
            invited_by=wanted.invited_by,
            letter_id=letter_id,
        )
        note_in(self._session, self._clock.now(), wanted.organisation_id, "member_invited", "", role=wanted.role)
        await self._add(row, Conflict("invited_now", "Somebody else invites this address at this moment. Try again."))
        return IssuedInvitation("" if wanted.is_mailed else token, address, until, letter_id)

    async def find(self, token: str) -> MemberInvitation | None:
        """None when the link is unknown, was used or is too old."""
        return _found(await self._row(token))

    async def of_letter(self, letter_id: str) -> MemberInvitation | None:
        """What the message invites to; None once that is over."""
        return _found(await self._row(self._links.token(letter_id)))

    async def join(self, token: str, name: str, password_hash: str, agreed: str = "") -> str | None:
        """The id of the new member; None when the link is of no use. Whoever has a link that was mailed frees the address as
        `free_for_owner` says. Raises AddressTaken."""
        row = await self._row(token, is_used=True)
        if row is None:
            return None
        now, is_mailed = self._clock.now(), row.letter_id is not None
        if is_mailed:
            await free_for_owner(self._session, self._clock, row.address_key, agreed)
        if await member_at(self._session, row.address_key) is not None:
            raise address_taken()
        member = MemberRow(
            member_id=new_id("mem", now),
            organisation_id=row.organisation_id,
            address=row.address,
            address_key=row.address_key,
            name=name,
            role=row.role,
            password_hash=password_hash,
            created_at=now,
            verified_at=now if is_mailed else None,
        )
        # The member who made the link may have been removed with it, as the owner of this very address.
        await self._session.exec(delete(MemberInvitationRow).where(col(MemberInvitationRow.digest) == row.digest))
        await self._add(member, address_taken())
        own = Acting(member.organisation_id, member_actor(member.member_id))
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

    async def _before(self, organisation_id: str, key: str) -> MemberInvitationRow | None:
        mine = (MemberInvitationRow.organisation_id == organisation_id, MemberInvitationRow.address_key == key)
        return (await self._session.exec(select(MemberInvitationRow).where(*mine).with_for_update())).first()

    async def _is_under_way(self, before: MemberInvitationRow, wanted: MemberInvitation) -> bool:
        """Whether the same was asked for already, and is still to be sent: a form may come twice."""
        is_same = (before.role, before.invited_by) == (wanted.role, wanted.invited_by) and before.until > self._clock.now()
        if not is_same or before.letter_id is None:
            return False
        states = await MemberMailing(self._session, self._clock).states([before.letter_id])
        return states.get(before.letter_id) in (WAITING, DEFERRED)

    async def _demand_new(self, organisation_id: str, key: str) -> None:
        """An organisation knows its own members. Raises Conflict."""
        mine = (MemberRow.organisation_id == organisation_id, MemberRow.address_key == key)
        if (await self._session.exec(select(MemberRow.member_id).where(*mine))).first() is not None:
            raise Conflict("member_exists", "Somebody of this organisation signs in with this address already.")

    async def _demand_room(self, organisation_id: str) -> None:
        members = (col(MemberRow.organisation_id) == organisation_id,)
        valid = col(MemberInvitationRow.until) > self._clock.now()
        invited = (col(MemberInvitationRow.organisation_id) == organisation_id, valid)
        count = 0
        for table, those in ((MemberRow, members), (MemberInvitationRow, invited)):
            count += (await self._session.exec(select(func.count()).select_from(table).where(*those))).one()
        if count >= MOST_MEMBERS:
            raise Conflict("too_many_members", f"An organisation has at most {MOST_MEMBERS} members.")


def _found(row: MemberInvitationRow | None) -> MemberInvitation | None:
    if row is None:
        return None
    return MemberInvitation(row.organisation_id, row.address, row.role, row.invited_by, row.letter_id is not None)


def _checked(address: str) -> str:
    try:
        return checked_address(address)
    except AddressUnfit as unfit:
        raise ValidationProblem.of("address", "mail_address", str(unfit)) from unfit
