"""Deletes matches and pathways some time after they ended. Until then they are kept for their versions."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Table, and_, or_, tuple_
from sqlmodel import delete, select, update

from learners.adapters.match_tables import LearnerMatchRow
from learners.adapters.pathway_tables import LearnerPathwayRow
from makersync.clock import Clock
from makersync.store.database import Store

ROWS_AT_ONCE = 2000
MATCH = LearnerMatchRow.sql_table()
PATHWAY = LearnerPathwayRow.sql_table()


async def forget_ended(store: Store, clock: Clock, keep_days: int) -> int:
    """Mark what has ended since the last call, and delete what was marked more than `keep_days` days ago.

    Returns how many rows were deleted. Safe when two processes do it at once. A newer event removes the mark.
    """
    matches = await _forget(store, clock, keep_days, MATCH, ~MATCH.c.live)
    return matches + await _forget(store, clock, keep_days, PATHWAY, PATHWAY.c.as_of.is_(None))


async def _forget(store: Store, clock: Clock, keep_days: int, table: Table, ended: ColumnElement[bool]) -> int:
    now, marked = clock.now(), table.c.ended_at
    expired, deleted = marked < now - timedelta(days=keep_days), 0
    key = tuple_(*table.primary_key.columns)
    while True:
        some = select(*table.primary_key.columns).where(ended, or_(marked.is_(None), expired)).limit(ROWS_AT_ONCE)
        async with store.reading() as session:
            keys = [tuple(row) for row in (await session.exec(some)).all()]
        if not keys:
            return deleted
        here = and_(key.in_(keys), ended)
        async with store.transaction() as session:
            deleted += (await session.exec(delete(table).where(here, expired))).rowcount
            await session.exec(update(table).where(here, marked.is_(None)).values(ended_at=now))
