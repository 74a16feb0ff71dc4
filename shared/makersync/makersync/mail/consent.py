"""What a recipient has agreed to, and the links by which that is said."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.sealing import Unsealable
from makersync.http.keyed_hashes import LONGEST_TOKEN
from makersync.mail.states import MessageKind, RecipientState
from makersync.mail.tables import MailInvitationRow, RecipientRow
from makersync.mail.timing import CONFIRM_WITHIN, DECLINABLE_FOR, DECLINED_FOR, INVITED_FOR
from makersync.mail.tokens import MailTokens

#: An organisation asks an address so often within `INVITED_FOR`, and all its addresses together so often within it.
MOST_OF_ADDRESS, MOST_OF_ORGANISATION = 3, 100


def may_be_sent(row: RecipientRow, kind: MessageKind) -> bool:
    """Before the recipient agrees there is nothing but the question."""
    if kind is MessageKind.CONFIRMATION:
        return row.state in (RecipientState.UNCONFIRMED, RecipientState.DISABLED) and row.confirm_sealed is not None
    return row.state == RecipientState.ACTIVE


async def keep_links_open(
    session: AsyncSession, tokens: MailTokens, row: RecipientRow, kind: MessageKind, now: datetime
) -> None:
    """Links work from when they are sent; where the pepper was replaced, old ones do not, and these are new ones. The row is
    locked."""
    if not _opens(tokens, row.unsubscribe_sealed, row.id):
        before = row.unsubscribe_digest
        row.unsubscribe_sealed, row.unsubscribe_digest = tokens.issued(row.id)
        hashes = {"unsubscribe_digest": row.unsubscribe_digest, "address_digest": tokens.digest(row.address_key)}
        await session.exec(update(MailInvitationRow).where(_asked_with(before)).values(**hashes))
    if kind is MessageKind.CONFIRMATION and row.confirm_sealed is not None:
        if not _opens(tokens, row.confirm_sealed, row.id):
            row.confirm_sealed, row.confirm_digest = tokens.issued(row.id)
        row.confirm_until = now + CONFIRM_WITHIN


def _opens(tokens: MailTokens, sealed: bytes, recipient_id: str) -> bool:
    try:
        tokens.opened(sealed, recipient_id)
    except Unsealable:
        return False
    return True


async def asked_by(session: AsyncSession, tokens: MailTokens, token: str, now: datetime) -> RecipientRow | None:
    """The recipient whose question the token answers; None for one that is unknown, used or too old."""
    if len(token) > LONGEST_TOKEN:
        return None
    mine = (RecipientRow.confirm_digest == tokens.digest(token), col(RecipientRow.confirm_until) > now)
    return (await session.exec(select(RecipientRow).where(*mine))).first()


async def written_to(session: AsyncSession, tokens: MailTokens, token: str) -> RecipientRow | None:
    """The recipient whose mails carry the token to unsubscribe with."""
    if len(token) > LONGEST_TOKEN:
        return None
    return (await session.exec(select(RecipientRow).where(RecipientRow.unsubscribe_digest == tokens.digest(token)))).first()


async def asked_with(session: AsyncSession, tokens: MailTokens, token: str, now: datetime) -> MailInvitationRow | None:
    """The newest question whose mail carries the token to unsubscribe with, also of a recipient who was deleted since."""
    if len(token) > LONGEST_TOKEN:
        return None
    mine = (_asked_with(tokens.digest(token)), col(MailInvitationRow.until) > now)
    newest = select(MailInvitationRow).where(*mine).order_by(col(MailInvitationRow.id).desc()).limit(1)
    return (await session.exec(newest)).first()


def _asked_with(unsubscribe_digest: str) -> ColumnElement[bool]:
    return and_(col(MailInvitationRow.unsubscribe_digest) == unsubscribe_digest, ~col(MailInvitationRow.declined))


async def note_agreement(session: AsyncSession, row: RecipientRow) -> None:
    """The question was answered: the link ends the mail from now on, and declines nothing."""
    answered = update(MailInvitationRow).where(_asked_with(row.unsubscribe_digest))
    await session.exec(answered.values(unsubscribe_digest=None))


def has_open_question(row: RecipientRow) -> bool:
    """The person was asked, the first time or again, and has not answered."""
    return row.state == RecipientState.UNCONFIRMED or row.confirm_sealed is not None


class Invitations:
    """How often an organisation has asked. `address` is the key of an address."""

    def __init__(self, session: AsyncSession, tokens: MailTokens, organisation_id: str, now: datetime) -> None:
        self._session, self._tokens, self._organisation_id, self._now = session, tokens, organisation_id, now

    async def is_declined(self, address: str) -> bool:
        """The person has answered a question of the organisation by wanting no mail."""
        return await self._is_declined(self._tokens.digest(address))

    async def has_room(self, address: str) -> bool:
        recent = and_(~col(MailInvitationRow.declined), col(MailInvitationRow.at) > self._now - INVITED_FOR)
        of_address = col(MailInvitationRow.address_digest) == self._tokens.digest(address)
        return await self._count(recent, of_address) < MOST_OF_ADDRESS and await self._count(recent) < MOST_OF_ORGANISATION

    def add(self, row: RecipientRow) -> None:
        """The recipient is asked."""
        self._add(self._tokens.digest(row.address_key), DECLINABLE_FOR, row.unsubscribe_digest)

    async def decline(self, address_digest: str) -> None:
        """The person wants no mail of the organisation. A second time it is as good as the first."""
        if not await self._is_declined(address_digest):
            self._add(address_digest, DECLINED_FOR, None, declined=True)

    async def _is_declined(self, address_digest: str) -> bool:
        declined = and_(col(MailInvitationRow.declined), col(MailInvitationRow.until) > self._now)
        return await self._count(declined, col(MailInvitationRow.address_digest) == address_digest) > 0

    def _add(self, address_digest: str, lasts: timedelta, unsubscribe_digest: str | None, declined: bool = False) -> None:
        self._session.add(
            MailInvitationRow(
                organisation_id=self._organisation_id,
                address_digest=address_digest,
                unsubscribe_digest=unsubscribe_digest,
                declined=declined,
                at=self._now,
                until=self._now + lasts,
            )
        )

    async def _count(self, *which: ColumnElement[bool]) -> int:
        mine = col(MailInvitationRow.organisation_id) == self._organisation_id
        return (await self._session.exec(select(func.count(col(MailInvitationRow.id))).where(mine, *which))).one()
