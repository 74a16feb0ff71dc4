"""What is not kept: finished messages, questions that were asked long ago, and recipients who never answered."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlmodel import col, delete, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.mail.changing import delete_recipient
from makersync.mail.states import RecipientState
from makersync.mail.tables import MailInvitationRow, MailMessageRow, RecipientRow
from makersync.mail.timing import UNANSWERED_FOR
from makersync.store.database import Store

#: Rows in one transaction.
FORGOTTEN_AT_ONCE = 1000


def forgetting_mail(store: Store, clock: Clock, keep_days: int) -> Callable[[], Awaitable[int]]:
    """The sweep deletes messages that were finished more than `keep_days` ago. It returns how many."""

    async def sweep() -> int:
        async with store.transaction() as session:
            await _forget_unanswered(session, clock.now())
        forgotten, some = 0, FORGOTTEN_AT_ONCE
        while some == FORGOTTEN_AT_ONCE:
            async with store.transaction() as session:
                some = await _forget_messages(session, clock.now() - timedelta(days=keep_days))
            forgotten += some
        return forgotten

    return sweep


async def _forget_unanswered(session: AsyncSession, now: datetime) -> None:
    await session.exec(delete(MailInvitationRow).where(col(MailInvitationRow.until) <= now))
    may_answer, long_ago = col(RecipientRow.confirm_until) > now, now - UNANSWERED_FOR
    silent = (
        col(RecipientRow.state) == RecipientState.UNCONFIRMED,
        col(RecipientRow.since) < long_ago,
        or_(col(RecipientRow.confirm_until).is_(None), ~may_answer),
    )
    rows = select(RecipientRow).where(*silent).limit(FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)
    for row in (await session.exec(rows)).all():
        await delete_recipient(session, row)


async def _forget_messages(session: AsyncSession, before: datetime) -> int:
    old = select(MailMessageRow.id).where(col(MailMessageRow.finished_at) < before).limit(FORGOTTEN_AT_ONCE)
    ids = (await session.exec(old)).all()
    await session.exec(delete(MailMessageRow).where(col(MailMessageRow.id).in_(ids)))
    return len(ids)
