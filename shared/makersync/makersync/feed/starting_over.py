"""Feeds start over when a database was restored or lost: positions were given out for entries that it does not have."""

from sqlmodel import func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.feed.tables import FeedHeadRow, FeedProgressRow
from makersync.store.database_time import read_database_time
from makersync.store.upserts import upsert

#: No organisation is given more entries than this in a second, over any length of time.
MOST_A_SECOND = 1000


async def start_feeds_over(session: AsyncSession, clock: Clock) -> None:
    """Go on after a position that no feed can have reached, and keep nothing before it: who asks from an earlier position is
    told to read the snapshot."""
    now = await read_database_time(session, clock)
    last = (await session.exec(select(func.max(FeedHeadRow.position)))).one() or 0
    floor = max(last + 1, int(now.timestamp()) * MOST_A_SECOND)
    await session.exec(update(FeedHeadRow).values(position=floor))
    await upsert(session, FeedProgressRow, [{"id": 1, "floor": floor}], ["id"])
