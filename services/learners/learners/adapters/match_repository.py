"""Matches of this service's learners in SQL. A match is written only over an older one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_erasures import erased_among
from learners.adapters.learner_tables import LearnerRow
from learners.adapters.match_tables import LearnerMatchRow
from learners.adapters.stored_versions import Key, StoredVersion, stored_versions
from learners.domain.match import LearnerMatch
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.upserts import upsert

#: What is left of the matches of an erased learner, beside their versions.
_BLANK = {"live": False, "score": None, "reason": "erased"}


@dataclass(frozen=True, slots=True)
class MatchUpdate:
    """A match after one event, which is of this `kind` and happened at `at`; `score` None when it has ended. Of an end, `gate`
    and `unmet` are the gate that fails now, and the required groups that are not met any more, where the event states them."""

    learner_id: str
    opening_id: str
    region: str
    version: int
    kind: str
    score: int | None
    reason: str | None
    at: datetime
    gate: str | None = None
    unmet: Sequence[str] = ()

    @property
    def key(self) -> Key:
        return self.learner_id, self.opening_id

    @property
    def is_live(self) -> bool:
        return self.score is not None


async def save_matches(session: AsyncSession, updates: Sequence[MatchUpdate]) -> None:
    """`updates` has at most one entry for each key."""
    erased = await erased_among(session, {each.learner_id for each in updates})
    rows = [_row(each) | (_BLANK if each.learner_id in erased else {}) for each in updates]
    await upsert(session, LearnerMatchRow, rows, ["learner_id", "opening_id"], newer_by="version")


def _row(match: MatchUpdate) -> dict[str, Any]:
    return {
        "learner_id": match.learner_id,
        "opening_id": match.opening_id,
        "region": match.region,
        "version": match.version,
        "live": match.is_live,
        "score": match.score,
        "reason": match.reason,
        "ended_at": None,
    }


async def stored_matches(session: AsyncSession, keys: Sequence[Key]) -> Mapping[Key, StoredVersion]:
    row = LearnerMatchRow
    return await stored_versions(session, (row.learner_id, row.opening_id), row.version, row.live, keys)


async def blank_matches(session: AsyncSession, learner_id: str) -> None:
    """Keep nothing of an erased learner's matches but their versions."""
    await session.exec(update(LearnerMatchRow).where(col(LearnerMatchRow.learner_id) == learner_id).values(**_BLANK))


async def live_matches_of(session: AsyncSession, learner_id: str) -> Sequence[LearnerMatch]:
    """All of them. The caller must have checked that the learner may be seen."""
    live = (col(LearnerMatchRow.learner_id) == learner_id, col(LearnerMatchRow.live))
    rows = await session.exec(select(LearnerMatchRow).where(*live).order_by(col(LearnerMatchRow.opening_id)))
    return [_match_of(row) for row in rows]


async def list_matches(session: AsyncSession, learner_id: str, live: bool | None, page: PageRequest) -> Page[LearnerMatch]:
    """The caller must have checked that the learner may be seen."""
    statement = select(LearnerMatchRow).where(col(LearnerMatchRow.learner_id) == learner_id)
    if live is not None:
        statement = statement.where(col(LearnerMatchRow.live) == live)
    return await page_of(session, statement, Order((col(LearnerMatchRow.opening_id),)), page, _match_of)


async def list_live_matches(session: AsyncSession, provider_id: str, page: PageRequest) -> Page[tuple[str, LearnerMatch]]:
    """Those of the provider's own learners, each with the learner's id."""
    own = select(LearnerRow.learner_id).where(col(LearnerRow.provider_id) == provider_id)
    live = select(LearnerMatchRow).where(col(LearnerMatchRow.learner_id).in_(own), col(LearnerMatchRow.live))
    by_learner = Order((col(LearnerMatchRow.learner_id), col(LearnerMatchRow.opening_id)))
    return await page_of(session, live, by_learner, page, lambda row: (row.learner_id, _match_of(row)))


async def count_live_matches(session: AsyncSession, learner_id: str) -> int:
    of_learner = col(LearnerMatchRow.learner_id) == learner_id
    statement = select(func.count()).where(of_learner, col(LearnerMatchRow.live).is_(True))
    return (await session.exec(statement)).one()


def _match_of(row: LearnerMatchRow) -> LearnerMatch:
    return LearnerMatch(row.opening_id, row.region, row.live, row.score, row.reason, row.version)
