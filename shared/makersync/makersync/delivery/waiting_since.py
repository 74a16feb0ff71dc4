"""Since when webhooks wait for a sender, from which operators see that none runs."""

from datetime import datetime

from sqlmodel import and_, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.claiming import HEAD, WEBHOOK, is_fillable
from makersync.delivery.health import WebhookState
from makersync.feed.tables import FeedEntryRow
from makersync.store.database_time import database_time
from makersync.store.tables import UtcDateTime


async def waits_for_sender_since(session: AsyncSession, clock: Clock) -> datetime | None:
    """When a sender should first have looked at a webhook at which none has looked since: a message was due, or news stood in
    the feed. None while no webhook waits. Receivers that are slow or fail make no webhook wait: senders look at them."""
    is_on = WEBHOOK.c.state != WebhookState.DISABLED
    is_due = (is_on, WEBHOOK.c.look_at <= database_time(session, clock))
    due = (await session.exec(select(func.min(WEBHOOK.c.look_at, type_=UtcDateTime())).where(*is_due))).one()
    heads = WEBHOOK.join(HEAD, and_(HEAD.c.organisation_id == WEBHOOK.c.organisation_id, HEAD.c.position > WEBHOOK.c.cursor))
    first = and_(FeedEntryRow.organisation_id == WEBHOOK.c.organisation_id, FeedEntryRow.position == WEBHOOK.c.cursor + 1)
    recorded = select(func.min(FeedEntryRow.recorded_at, type_=UtcDateTime())).select_from(heads.join(FeedEntryRow, first))
    news = (await session.exec(recorded.where(is_on, is_fillable()))).one()
    return min((each for each in (due, news) if each is not None), default=None)
