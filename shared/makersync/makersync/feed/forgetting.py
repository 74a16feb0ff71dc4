"""Entries are kept for a number of days; then whoever has not read them is told to read the snapshot."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.feed.tables import FeedEntryRow, FeedHeadRow
from makersync.store.database import Store

FORGET_EVERY_S = 600.0


def forgetting_feed(store: Store, clock: Clock, keep_days: int) -> Callable[[], Awaitable[int]]:
    """The sweep deletes entries that were written more than `keep_days` ago. It returns how many."""

    async def sweep() -> int:
        before = clock.now() - timedelta(days=keep_days)
        forgotten = 0
        async with store.reading() as session:
            organisations = await _with_old_entries(session, before)
        for organisation_id, position in organisations.items():
            async with store.transaction() as session:
                forgotten += await _forget(session, organisation_id, position)
        return forgotten

    return sweep


async def _with_old_entries(session: AsyncSession, before: datetime) -> dict[str, int]:
    """The last old position of each organisation that has any."""
    old = (col(FeedEntryRow.recorded_at) < before, col(FeedEntryRow.position).is_not(None))
    whose = select(FeedEntryRow.organisation_id, func.max(FeedEntryRow.position)).where(*old)
    rows = await session.exec(whose.group_by(col(FeedEntryRow.organisation_id)))
    return {organisation_id: position for organisation_id, position in rows if position is not None}


async def _forget(session: AsyncSession, organisation_id: str, upto: int) -> int:
    entries = (col(FeedEntryRow.organisation_id) == organisation_id, col(FeedEntryRow.position) <= upto)
    head = (col(FeedHeadRow.organisation_id) == organisation_id, col(FeedHeadRow.forgotten) < upto)
    await session.exec(update(FeedHeadRow).where(*head).values(forgotten=upto))
    return int((await session.exec(delete(FeedEntryRow).where(*entries))).rowcount)
