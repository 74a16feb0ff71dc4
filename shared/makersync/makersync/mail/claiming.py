"""Claiming messages: by leases in database time, and one of a recipient at a time.

Whoever claims, records or changes locks the recipient's row first, as with webhooks.
"""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table
from sqlmodel import and_, exists, not_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.feed.tables import FeedHeadRow
from makersync.mail.states import MessageKind, MessageState, RecipientState
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.store.database_time import database_time

#: More than twice as long as an attempt can take, so that only a message of a sender that has died is claimed again.
LEASE_S = 180.0
MESSAGE = cast(Table, MailMessageRow.__table__)  # type: ignore[attr-defined]
RECIPIENT = cast(Table, RecipientRow.__table__)  # type: ignore[attr-defined]
HEAD = cast(Table, FeedHeadRow.__table__)  # type: ignore[attr-defined]


async def busy_recipients(session: AsyncSession, clock: Clock) -> Sequence[str]:
    """The recipients to whom something can be sent now, or for whom messages are to be made."""
    now = database_time(session, clock)
    busy = or_(has_news(now), _has_digest(now, "daily"), _has_digest(now, "weekly"), and_(_has_due(now), not_(is_busy(now))))
    return (await session.exec(select(RECIPIENT.c.id).where(busy).order_by(RECIPIENT.c.id))).all()


async def has_recipients(session: AsyncSession) -> bool:
    """Whether any organisation has one."""
    return (await session.exec(select(RECIPIENT.c.id).limit(1))).first() is not None


async def lock_recipient(session: AsyncSession, recipient_id: str, wait: bool = False) -> RecipientRow | None:
    """The recipient with its row locked until the transaction ends; None if it is gone, or another has it and `wait` is not
    set."""
    query = select(RecipientRow).where(RecipientRow.id == recipient_id).with_for_update(skip_locked=not wait)
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def claim(
    session: AsyncSession, clock: Clock, recipient: RecipientRow, owner: str, lease_s: float
) -> MailMessageRow | None:
    """Take the message that is to be sent next, if one is due and none is under way. The recipient's row is locked, and its
    messages are in the database."""
    now = database_time(session, clock)
    mine = (RECIPIENT.c.id == recipient.id, not_(is_busy(now)))
    due = select(MESSAGE.c.id).select_from(RECIPIENT.join(MESSAGE, is_due(now))).where(*mine)
    found = (await session.exec(due.order_by(MESSAGE.c.next_at, MESSAGE.c.id).limit(1))).first()
    if found is None:
        return None
    message = await session.get_one(MailMessageRow, found, populate_existing=True)
    until = (await session.exec(select(database_time(session, clock, lease_s)))).one()
    message.owner, message.until, message.claim = owner, until, message.claim + 1
    await session.flush()
    return message


def _pending(table: Any) -> Any:
    return and_(table.c.recipient_id == RECIPIENT.c.id, table.c.state == MessageState.PENDING)


def is_due(now: Any) -> Any:
    return and_(_pending(MESSAGE), MESSAGE.c.next_at <= now)


def _has_due(now: Any) -> Any:
    return exists().where(is_due(now)).correlate(RECIPIENT)


def is_busy(now: Any) -> Any:
    taken = MESSAGE.alias("taken")
    return exists().where(_pending(taken), taken.c.until > now).correlate(RECIPIENT)


def _is_told() -> Any:
    return RECIPIENT.c.state == RecipientState.ACTIVE


def has_news(now: Any) -> Any:
    rested = or_(RECIPIENT.c.immediate_at.is_(None), RECIPIENT.c.immediate_at <= now)
    whose = HEAD.c.organisation_id == RECIPIENT.c.organisation_id
    more = exists().where(whose, HEAD.c.position > RECIPIENT.c.immediate_cursor).correlate(RECIPIENT)
    return and_(_is_told(), RECIPIENT.c.has_immediate, rested, more, not_(_waits(MessageKind.IMMEDIATE)))


def _has_digest(now: Any, cadence: str) -> Any:
    return and_(_is_told(), RECIPIENT.c[f"{cadence}_at"] <= now, not_(_waits(MessageKind(cadence))))


def _waits(kind: MessageKind) -> Any:
    waiting = MESSAGE.alias(f"waiting_{kind}")
    return exists().where(_pending(waiting), waiting.c.kind == kind).correlate(RECIPIENT)
