"""Messages about membership that wait for a process which sends mail: who may have one written, and what came of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keyed_hashes import KeyedHashes
from makersync.http.problems import TooManyRequests
from makersync.identifiers import new_id
from makersync.mail.addresses import address_key
from makersync.mail.server_state import is_set_up
from makersync.mail.setup import public_address_of
from makersync.mail.states import DEFERRED, DROPPED
from makersync.members.offer import MembersOffer
from makersync.members.tables import MemberMailRow
from makersync.settings import Settings

#: On behalf of one organisation within `_PERIOD`: messages to one address, messages of one member about addresses, and all.
MOST_TO_ADDRESS, MOST_OF_MEMBER, MOST_OF_ORGANISATION = 3, 5, 200
_PERIOD = timedelta(days=1)
#: A message that could not be sent is tried again after so long; one that a receiver defers, then after half of its age.
AGAIN = timedelta(minutes=2)
#: Of a message that is to be sent.
WAITING = "waiting"


class MailKind(StrEnum):
    """Invitation: to whom an organisation wants as a member. Verification: asks the owner of an address to confirm it.
    Changed: tells the address that a member had before."""

    INVITATION = "invitation"
    VERIFICATION = "verification"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class WantedMail:
    """`until` is the moment from which it is of no use. `member_id` is the member who wants it for an address of its own."""

    kind: MailKind
    organisation_id: str
    address: str
    until: datetime
    member_id: str | None = None


class MailLinks:
    """The tokens of links in messages. Whoever has the database alone cannot make one."""

    def __init__(self, pepper: bytes) -> None:
        self._hashes = KeyedHashes(pepper, "link in a letter")

    def token(self, letter_id: str) -> str:
        return self._hashes.of(letter_id)


async def sends_member_mail(session: AsyncSession, settings: Settings, offer: MembersOffer) -> bool:
    """Whether links go by mail here: a sender has a mail server, and links have an address to lead to."""
    return offer.sends_mail and public_address_of(settings) is not None and await is_set_up(session)


class MemberMailing:
    """In one database session, which has to be a transaction for `post`."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def post(self, wanted: WantedMail) -> str:
        """The id of a message that waits to be sent. Raises TooManyRequests."""
        now, key = self._clock.now(), address_key(wanted.address)
        if wanted.kind is not MailKind.CHANGED:
            await self._demand_room(wanted, key, now - _PERIOD)
        row = MemberMailRow(
            letter_id=new_id("mlt", now),
            kind=wanted.kind,
            organisation_id=wanted.organisation_id,
            member_id=wanted.member_id,
            address=wanted.address,
            address_key=key,
            made_at=now,
            next_at=now,
            until=wanted.until,
        )
        self._session.add(row)
        await self._session.flush()
        return row.letter_id

    async def states(self, letter_ids: Collection[str]) -> Mapping[str, str]:
        """`waiting`, `deferred` where the receiver does not take it for now, or the outcome that ended it, by the ids of
        messages that there are."""
        mine = select(MemberMailRow).where(col(MemberMailRow.letter_id).in_(letter_ids))
        rows = await self._session.exec(mine)
        return {row.letter_id: WAITING if row.next_at and row.outcome != DEFERRED else row.outcome for row in rows}

    async def _demand_room(self, wanted: WantedMail, key: str, since: datetime) -> None:
        """What is counted is this organisation's alone, so that it tells nothing of others."""
        to_address = (col(MemberMailRow.address_key) == key, MOST_TO_ADDRESS)
        of_member = (col(MemberMailRow.member_id) == wanted.member_id, MOST_OF_MEMBER)
        bounds = [to_address, of_member] if wanted.member_id is not None else [to_address]
        counts = [await self._count(wanted.organisation_id, since, which) < most for which, most in bounds]
        if not all(counts) or await self._count(wanted.organisation_id, since) >= MOST_OF_ORGANISATION:
            detail = "Enough letters were asked for today. Try again tomorrow; those that were sent can still be used."
            raise TooManyRequests("mailed_often", detail, retry_after=int(_PERIOD.total_seconds()))

    async def _count(self, organisation_id: str, since: datetime, *which: ColumnElement[bool]) -> int:
        mine = (col(MemberMailRow.organisation_id) == organisation_id, col(MemberMailRow.made_at) > since)
        return (await self._session.exec(select(func.count()).select_from(MemberMailRow).where(*mine, *which))).one()


async def claimed_mail(session: AsyncSession, now: datetime) -> MemberMailRow | None:
    """The message that is to be sent next, which nobody else sends until it would be tried again."""
    due = select(MemberMailRow).where(col(MemberMailRow.next_at) <= now).order_by(col(MemberMailRow.next_at))
    row = (await session.exec(due.limit(1).with_for_update(skip_locked=True))).first()
    if row is not None:
        row.next_at = now + AGAIN
    return row


def next_attempt(row: MemberMailRow, now: datetime, is_of_server: bool) -> datetime:
    """A server that was away takes everything once it is back."""
    return now + (AGAIN if is_of_server else max(AGAIN, (now - row.made_at) / 2))


async def drop_mail(session: AsyncSession, letter_ids: Collection[str | None]) -> None:
    """Those that were not sent yet will not be, since what they bring has ended. They still count as written."""
    mine = (col(MemberMailRow.letter_id).in_([each for each in letter_ids if each]), col(MemberMailRow.next_at).is_not(None))
    await session.exec(update(MemberMailRow).where(*mine).values(next_at=None, outcome=DROPPED))


async def forget_mail_of(session: AsyncSession, organisation_id: str, member_id: str, key: str) -> None:
    """When a member of an organisation is removed, nothing more is written about the member, and no address of messages stays.
    They still count as written by the organisation."""
    of_organisation = col(MemberMailRow.organisation_id) == organisation_id
    about = or_(col(MemberMailRow.member_id) == member_id, col(MemberMailRow.address_key) == key)
    empty = {"address": "", "address_key": "", "member_id": None, "next_at": None, "outcome": DROPPED}
    await session.exec(update(MemberMailRow).where(of_organisation, about).values(**empty))


async def forget_mail(session: AsyncSession, now: datetime) -> int:
    """Delete those that are of no use; returns how many."""
    return (await session.exec(delete(MemberMailRow).where(col(MemberMailRow.until) <= now))).rowcount
