"""Matches of this service's learners in SQL. A match is written only over an older one."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_erasures import erased_among
from learners.adapters.match_tables import LearnerMatchRow
from learners.domain.match import LearnerMatch
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.upserts import upsert

#: What is left of the matches of an erased learner, beside their versions.
_BLANK = {"live": False, "score": None, "reason": "erased"}


async def save_matches(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    erased = await erased_among(session, {row["learner_id"] for row in rows})
    kept = [{**row, **_BLANK} if row["learner_id"] in erased else row for row in rows]
    await upsert(session, LearnerMatchRow, kept, ["learner_id", "opening_id"], newer_by="version")


async def blank_matches(session: AsyncSession, learner_id: str) -> None:
    """Keep nothing of an erased learner's matches but their versions."""
    await session.exec(update(LearnerMatchRow).where(col(LearnerMatchRow.learner_id) == learner_id).values(**_BLANK))


async def list_matches(session: AsyncSession, learner_id: str, live: bool | None, page: PageRequest) -> Page[LearnerMatch]:
    """The caller must have checked that the learner may be seen."""
    statement = select(LearnerMatchRow).where(col(LearnerMatchRow.learner_id) == learner_id)
    if live is not None:
        statement = statement.where(col(LearnerMatchRow.live) == live)
    return await page_of(session, statement, Order((col(LearnerMatchRow.opening_id),)), page, _match_of)


async def count_live_matches(session: AsyncSession, learner_id: str) -> int:
    of_learner = col(LearnerMatchRow.learner_id) == learner_id
    statement = select(func.count()).where(of_learner, col(LearnerMatchRow.live).is_(True))
    return (await session.exec(statement)).one()


def _match_of(row: LearnerMatchRow) -> LearnerMatch:
    return LearnerMatch(row.opening_id, row.region, row.live, row.score, row.reason, row.version)
