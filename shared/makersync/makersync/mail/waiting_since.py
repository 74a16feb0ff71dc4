"""Since when mail waits for a sender, from which operators see that none runs."""

from datetime import datetime
from typing import Any

from sqlmodel import and_, func, not_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.feed.tables import FeedEntryRow
from makersync.mail.claiming import HEAD, MESSAGE, RECIPIENT, has_news, is_busy, is_due
from makersync.store.database_time import database_time
from makersync.store.tables import UtcDateTime


async def waits_for_sender_since(session: AsyncSession, clock: Clock) -> datetime | None:
    """When the message was due, or the news was there, that a sender should have taken first. None while nothing waits, or
    while the recipient's message before is under way."""
    now = database_time(session, clock)
    due = select(func.min(MESSAGE.c.next_at, type_=UtcDateTime())).select_from(RECIPIENT.join(MESSAGE, is_due(now)))
    found = [(await session.exec(due.where(not_(is_busy(now))))).one()]
    rows = await session.exec(_news().where(has_news(now)))
    found += [max(recorded_at, rested or recorded_at) for recorded_at, rested in rows]
    return min((each for each in found if each is not None), default=None)


def _news() -> Any:
    """The first entry that a recipient has not been told, and when it may be told again."""
    whose = and_(HEAD.c.organisation_id == RECIPIENT.c.organisation_id, HEAD.c.position > RECIPIENT.c.immediate_cursor)
    mine = FeedEntryRow.organisation_id == RECIPIENT.c.organisation_id
    first = and_(mine, FeedEntryRow.position == RECIPIENT.c.immediate_cursor + 1)
    columns = select(FeedEntryRow.recorded_at, RECIPIENT.c.immediate_at)
    return columns.select_from(RECIPIENT.join(HEAD, whose).join(FeedEntryRow, first))
