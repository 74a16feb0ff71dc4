"""Deletes the rows of matches, of pathways and of the reach of openings that ended long ago. Their versions live on in the
floors of their regions."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, tuple_
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.store.database import Store
from matching.adapters.match_tables import MatchRow
from matching.adapters.past_writing import keep_ended_pairs
from matching.adapters.pathway_tables import PathwayRow
from matching.adapters.reach_tables import PublishedCountsRow
from matching.adapters.region_tables import RegionRow

ROWS_AT_ONCE = 2000


async def forget_ended(store: Store, clock: Clock, keep_days: int, keeps_past: bool = True) -> int:
    """Delete the rows of what ended more than `keep_days` days ago and lies below its region's floor; returns how many. The
    last event of a pair goes into the past where that is kept.

    Safe beside the owner of the partition: a row that it has written since has another version.
    """
    before = clock.today() - timedelta(days=keep_days)
    forgotten = 0
    while count := await _forget_some(store, before, clock.now() if keeps_past else None):
        forgotten += count
    return forgotten


async def _forget_some(store: Store, before: date, now: datetime | None) -> int:
    async with store.reading() as session:
        pairs, learners = await _ended_pairs(session, before), await _ended_pathways(session)
        openings = await _ended_reach(session, before)
    if pairs or learners or openings:
        async with store.transaction() as session:
            if now is not None:
                await keep_ended_pairs(session, pairs, now)
            here = tuple_(col(MatchRow.opening_id), col(MatchRow.learner_id), col(MatchRow.version))
            await session.exec(delete(MatchRow).where(here.in_(pairs)))
            there = tuple_(col(PathwayRow.region), col(PathwayRow.learner_id), col(PathwayRow.version))
            await session.exec(delete(PathwayRow).where(there.in_(learners)))
            reach = tuple_(col(PublishedCountsRow.region), col(PublishedCountsRow.subject_id), col(PublishedCountsRow.version))
            await session.exec(delete(PublishedCountsRow).where(reach.in_(openings)))
    return len(pairs) + len(learners) + len(openings)


async def _ended_pairs(session: AsyncSession, before: date) -> Sequence[Any]:
    """The pairs whose versions are not needed. Rows from before `ended_on` was kept have none and count as old."""
    passed = or_(col(MatchRow.ended_on).is_(None), col(MatchRow.ended_on) < before)
    below = col(MatchRow.version) <= col(RegionRow.match_floor)
    query = select(MatchRow.opening_id, MatchRow.learner_id, MatchRow.version)
    query = query.join(RegionRow, col(RegionRow.region) == MatchRow.region).where(~col(MatchRow.live), passed, below)
    return [tuple(row) for row in await session.exec(query.limit(ROWS_AT_ONCE))]


async def _ended_pathways(session: AsyncSession) -> Sequence[Any]:
    below = col(PathwayRow.version) <= col(RegionRow.pathway_floor)
    query = select(PathwayRow.region, PathwayRow.learner_id, PathwayRow.version)
    query = query.join(RegionRow, col(RegionRow.region) == PathwayRow.region).where(col(PathwayRow.digest).is_(None), below)
    return [tuple(row) for row in await session.exec(query.limit(ROWS_AT_ONCE))]


async def _ended_reach(session: AsyncSession, before: date) -> Sequence[Any]:
    """Of openings alone: the id of a draft is used again. Rows from before `day` was kept have none and count as old."""
    row = PublishedCountsRow
    passed = or_(col(row.day).is_(None), col(row.day) < before)
    ended = (col(row.digest).is_(None), ~col(row.is_draft), passed, col(row.version) <= col(RegionRow.reach_floor))
    query = select(row.region, row.subject_id, row.version).join(RegionRow, col(RegionRow.region) == row.region).where(*ended)
    return [tuple(each) for each in await session.exec(query.limit(ROWS_AT_ONCE))]
