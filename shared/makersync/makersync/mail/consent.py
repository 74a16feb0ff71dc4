"""What a recipient has agreed to, and the links by which that is said."""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.sealing import Unsealable
from makersync.mail.states import MessageKind, RecipientState
from makersync.mail.tables import MailInvitationRow, RecipientRow
from makersync.mail.timing import CONFIRM_WITHIN, DECLINED_FOR, INVITED_FOR
from makersync.mail.tokens import LONGEST_TOKEN, MailTokens

#: An organisation asks an address so often within `INVITED_FOR`, and all its addresses together so often within it.
MOST_OF_ADDRESS, MOST_OF_ORGANISATION = 3, 100


def may_be_sent(row: RecipientRow, kind: MessageKind) -> bool:
    """Before the recipient agrees there is nothing but the question."""
    if kind is MessageKind.CONFIRMATION:
        return row.state in (RecipientState.UNCONFIRMED, RecipientState.DISABLED) and row.confirm_sealed is not None
    return row.state == RecipientState.ACTIVE


def keep_links_open(tokens: MailTokens, row: RecipientRow, kind: MessageKind, now: datetime) -> None:
    """Links work from when they are sent; where the pepper was replaced, old ones do not, and these are new ones. The row is
    locked."""
    if not _opens(tokens, row.unsubscribe_sealed, row.id):
        row.unsubscribe_sealed, row.unsubscribe_digest = tokens.issued(row.id)
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


class Invitations:
    """How often an organisation has asked. `address` is the key of an address."""

    def __init__(self, session: AsyncSession, tokens: MailTokens, organisation_id: str, now: datetime) -> None:
        self._session, self._tokens, self._organisation_id, self._now = session, tokens, organisation_id, now

    async def is_declined(self, address: str) -> bool:
        """The person has answered a question of the organisation by wanting no mail."""
        return await self._count(address, col(MailInvitationRow.declined)) > 0

    async def has_room(self, address: str) -> bool:
        return await self._count(address) < MOST_OF_ADDRESS and await self._count(None) < MOST_OF_ORGANISATION

    def add(self, address: str, declined: bool = False) -> None:
        lasts = DECLINED_FOR if declined else INVITED_FOR
        self._session.add(
            MailInvitationRow(
                organisation_id=self._organisation_id,
                address_digest=self._tokens.digest(address),
                declined=declined,
                at=self._now,
                until=self._now + lasts,
            )
        )

    async def _count(self, address: str | None, *more: object) -> int:
        mine = [col(MailInvitationRow.organisation_id) == self._organisation_id, col(MailInvitationRow.until) > self._now]
        if address is not None:
            mine.append(col(MailInvitationRow.address_digest) == self._tokens.digest(address))
        counted = select(func.count(col(MailInvitationRow.id))).where(*mine, *more)  # type: ignore[arg-type]
        return (await self._session.exec(counted)).one()
