"""Matches and pathways that have ended: kept for some time for their versions, and then no longer."""

from datetime import timedelta
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, or_, tuple_
from sqlmodel import delete, select, update

from learners.adapters.match_tables import LearnerMatchRow
from learners.adapters.pathway_tables import LearnerPathwayRow
from makersync.clock import Clock
from makersync.store.database import Store

ROWS_AT_ONCE = 2000
MATCH = cast(Table, LearnerMatchRow.__table__)  # type: ignore[attr-defined]
PATHWAY = cast(Table, LearnerPathwayRow.__table__)  # type: ignore[attr-defined]


async def forget_ended(store: Store, clock: Clock, keep_days: int) -> int:
    """Note what has ended since the last time, and drop what was noted more than `keep_days` days ago; returns how many rows.

    Safe when two do it at once. A row that is newer by then lives, or is noted anew.
    """
    matches = await _forget(store, clock, keep_days, MATCH, ~MATCH.c.live)
    return matches + await _forget(store, clock, keep_days, PATHWAY, PATHWAY.c.as_of.is_(None))


async def _forget(store: Store, clock: Clock, keep_days: int, table: Table, ended: ColumnElement[bool]) -> int:
    now, noted = clock.now(), table.c.ended_at
    passed, dropped = noted < now - timedelta(days=keep_days), 0
    key = tuple_(*table.primary_key.columns)
    while True:
        some = select(*table.primary_key.columns).where(ended, or_(noted.is_(None), passed)).limit(ROWS_AT_ONCE)
        async with store.reading() as session:
            keys = [tuple(row) for row in (await session.exec(some)).all()]
        if not keys:
            return dropped
        here = and_(key.in_(keys), ended)
        async with store.transaction() as session:
            dropped += (await session.exec(delete(table).where(here, passed))).rowcount
            await session.exec(update(table).where(here, noted.is_(None)).values(ended_at=now))
