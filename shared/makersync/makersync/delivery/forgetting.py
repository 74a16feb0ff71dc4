"""Finished deliveries are kept as long as entries of the feed, and answers no longer than what the entry says of a learner."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlmodel import and_, col, delete, null, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.tables import AttemptRow, DeliveryRow, WebhookRow
from makersync.feed.tables import FeedEntryRow
from makersync.store.database import Store

#: Deliveries in one transaction.
FORGOTTEN_AT_ONCE = 1000


def forgetting_deliveries(store: Store, clock: Clock, keep_days: int) -> Callable[[], Awaitable[int]]:
    """The sweep deletes what was finished more than `keep_days` ago. It returns how many deliveries."""

    async def sweep() -> int:
        async with store.transaction() as session:
            await _forget_answers(session)
        forgotten, some = 0, FORGOTTEN_AT_ONCE
        while some == FORGOTTEN_AT_ONCE:
            async with store.transaction() as session:
                some = await _forget(session, clock.now() - timedelta(days=keep_days))
            forgotten += some
        return forgotten

    return sweep


async def _forget(session: AsyncSession, before: datetime) -> int:
    old = select(DeliveryRow.id).where(col(DeliveryRow.finished_at) < before).limit(FORGOTTEN_AT_ONCE)
    ids = (await session.exec(old)).all()
    await session.exec(delete(AttemptRow).where(col(AttemptRow.delivery_id).in_(ids)))
    await session.exec(delete(DeliveryRow).where(col(DeliveryRow.id).in_(ids), col(DeliveryRow.finished_at) < before))
    return len(ids)


async def _forget_answers(session: AsyncSession) -> None:
    """A receiver may have answered with what it was sent about a learner who has been erased since."""
    same_entry = and_(
        col(FeedEntryRow.organisation_id) == col(WebhookRow.organisation_id),
        col(FeedEntryRow.position) == col(DeliveryRow.position),
    )
    emptied = (
        select(DeliveryRow.id)
        .join(WebhookRow, col(WebhookRow.id) == col(DeliveryRow.webhook_id))
        .join(FeedEntryRow, same_entry)
        .where(col(FeedEntryRow.data).is_(None))
    )
    kept = (col(AttemptRow.answer).is_not(None), col(AttemptRow.delivery_id).in_(emptied))
    await session.exec(update(AttemptRow).where(*kept).values(answer=null()))
