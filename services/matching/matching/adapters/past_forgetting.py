"""Deletes what was, once it is older than it is kept."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, tuple_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.store.database import Store
from matching.adapters.past_tables import CatalogPastRow, MatchPastRow, RulesPastRow, SubjectPastRow
from matching.adapters.past_writing import forget_learners
from matching.adapters.subject_tables import SubjectRow
from matching.domain.region.state import Ending

REPLACED = (SubjectPastRow, MatchPastRow, CatalogPastRow)
ROWS_AT_ONCE = 2000
#: Of how long ago learners are looked for who were erased in one region while another kept a state of theirs.
ERASED_WITHIN = timedelta(hours=1)


async def forget_past(store: Store, clock: Clock, keep_days: int) -> int:
    """Delete what ceased to be so more than `keep_days` days ago, and what is left of learners who were erased meanwhile;
    returns how many rows were too old. With 0 days nothing is left."""
    now = clock.now()
    before = now - timedelta(days=keep_days)
    forgotten = 0
    for table in REPLACED:
        while count := await _forget_some(store, table, before):
            forgotten += count
    async with store.transaction() as session:
        await _forget_rules(session, before if keep_days else None)
        await forget_learners(session, await _left_of_erased(session, now - ERASED_WITHIN))
    return forgotten


async def _left_of_erased(session: AsyncSession, since: datetime) -> set[str]:
    """Learners of whom something became past in one region while another region had erased them."""
    erased = (SubjectRow.kind == "learner", col(SubjectRow.ending) == Ending.ERASED.value)
    past, pair = SubjectPastRow, MatchPastRow
    states = select(past.subject_id).join(SubjectRow, col(SubjectRow.subject_id) == past.subject_id)
    states = states.where(past.kind == "learner", past.superseded_at >= since, *erased).distinct()
    matches = select(pair.learner_id).join(SubjectRow, col(SubjectRow.subject_id) == pair.learner_id)
    matches = matches.where(pair.superseded_at >= since, *erased).distinct()
    return {*(await session.exec(states)).all(), *(await session.exec(matches)).all()}


async def _forget_some(store: Store, table: Any, before: datetime) -> int:
    key = cast(Table, table.__table__).primary_key.columns.values()
    old = select(*key).where(col(table.superseded_at) <= before).order_by(col(table.superseded_at)).limit(ROWS_AT_ONCE)
    async with store.reading() as session:
        found = [tuple(row) for row in (await session.exec(old)).all()]
    if found:
        async with store.transaction() as session:
            await session.exec(delete(table).where(tuple_(*key).in_(found)))
    return len(found)


async def _forget_rules(session: AsyncSession, before: datetime | None) -> None:
    """The rules that were in use at `before` stay."""
    if before is None:
        await session.exec(delete(RulesPastRow))
        return
    newest = select(RulesPastRow.partition, func.max(RulesPastRow.at)).where(RulesPastRow.at <= before)
    for partition, at in (await session.exec(newest.group_by(col(RulesPastRow.partition)))).all():
        older = (col(RulesPastRow.partition) == partition, col(RulesPastRow.at) < at)
        await session.exec(delete(RulesPastRow).where(*older))
