"""Introductions in SQL. A provider sees those of its own learners; one whose learner is not known here is seen by nobody."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from contracts.introduction_status import IntroductionStatus
from learners.adapters.introduction_rows import answer_columns, introduction_columns, introduction_of
from learners.adapters.introduction_tables import (
    ContactReadingRow,
    IntroductionAnswerRow,
    IntroductionRow,
    LearnerLinkRow,
)
from learners.adapters.learner_tables import ErasedLearnerRow, LearnerRow
from learners.adapters.statements import equal
from learners.domain.errors import Absent
from learners.domain.introduction import Introduction
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.upserts import upsert

REQUEST = IntroductionRow.sql_table()
ANSWER = IntroductionAnswerRow.sql_table()
OPEN = (IntroductionStatus.ASKED.value, IntroductionStatus.ACCEPTED.value)


@dataclass(frozen=True, slots=True)
class LearnerIntroductionFilter:
    status: str | None = None
    learner_id: str | None = None
    opening_id: str | None = None


class IntroductionRepository:
    """`provider_id` None: the service itself, which sees all."""

    def __init__(self, session: AsyncSession, provider_id: str | None) -> None:
        self._session = session
        self._provider_id = provider_id

    async def get(self, introduction_id: str) -> Introduction:
        here = col(IntroductionRow.introduction_id) == introduction_id
        found = await self._introductions(self._visible().where(here))
        if not found:
            raise Absent
        return found[0]

    async def claim_of(self, learner_id: str) -> Sequence[Introduction]:
        mine = equal(select(IntroductionRow), col(IntroductionRow.provider_id), self._provider_id)
        here = mine.where(col(IntroductionRow.learner_id) == learner_id).order_by(col(IntroductionRow.introduction_id))
        return await self._introductions(here.with_for_update())

    async def save(self, introduction: Introduction) -> None:
        if introduction.answer is None:
            raise ValueError("there is nothing to keep of the learner's side yet")
        row = answer_columns(introduction, introduction.answer)
        await upsert(self._session, IntroductionAnswerRow, [row], ["introduction_id"])
        here = REQUEST.c.introduction_id == introduction.introduction_id
        stands = {"status": introduction.status.value, "hire": introduction.hire, "ended_at": None}
        await self._session.exec(update(REQUEST).where(here).values(**stands))

    async def blank(self, learner_id: str) -> None:
        here = REQUEST.c.learner_id == learner_id
        ids = select(REQUEST.c.introduction_id).where(here)
        for row in (LearnerLinkRow, ContactReadingRow):
            await self._session.exec(delete(row).where(col(row.introduction_id).in_(ids)))
        bare: dict[str, Any] = {"message": None, "contact": None, "outcomes": [], "forgotten": True}
        await self._session.exec(update(REQUEST).where(here).values(**bare))
        await self._session.exec(update(ANSWER).where(ANSWER.c.learner_id == learner_id).values(resumes_since=None))

    async def settle_searches(self, learner_id: str) -> None:
        await self._session.exec(update(ANSWER).where(ANSWER.c.learner_id == learner_id).values(resumes_since=None))

    async def due(self, today: date, overdue: datetime, most: int) -> Sequence[str]:
        found: dict[str, None] = {}
        # An undone hire first, or its introduction would end for want of the search that goes on with it.
        for statement in (_undone(), _late(today), _unavailable(), _overdue(overdue)):
            found |= dict.fromkeys((await self._session.exec(statement.limit(most))).all())
        return list(found)[:most]

    def _visible(self) -> SelectOfScalar[IntroductionRow]:
        statement = select(IntroductionRow)
        return statement if self._provider_id is None else of_provider(statement, self._provider_id)

    async def _introductions(self, statement: SelectOfScalar[IntroductionRow]) -> Sequence[Introduction]:
        rows = (await self._session.exec(statement, execution_options={"populate_existing": True})).all()
        return await with_answers(self._session, rows)


def of_provider(statement: SelectOfScalar[IntroductionRow], provider_id: str) -> SelectOfScalar[IntroductionRow]:
    """Narrow to those of the provider's own learners."""
    known = col(LearnerRow.learner_id) == col(IntroductionRow.learner_id)
    mine = (col(LearnerRow.provider_id) == provider_id, col(IntroductionRow.provider_id) == provider_id)
    return statement.join(LearnerRow, known).where(*mine)


async def with_answers(session: AsyncSession, rows: Sequence[IntroductionRow]) -> list[Introduction]:
    answers = await answers_of(session, [row.introduction_id for row in rows])
    return [introduction_of(row, answers.get(row.introduction_id)) for row in rows]


async def answers_of(session: AsyncSession, ids: Collection[str]) -> Mapping[str, IntroductionAnswerRow]:
    here = select(IntroductionAnswerRow).where(col(IntroductionAnswerRow.introduction_id).in_(ids))
    found = await session.exec(here, execution_options={"populate_existing": True})
    return {row.introduction_id: row for row in found.all()}


async def claim_requests(session: AsyncSession, ids: Collection[str]) -> Mapping[str, Introduction]:
    """Those that are known, for the consumer. Hold their learners before."""
    here = select(IntroductionRow).where(col(IntroductionRow.introduction_id).in_(ids))
    ordered = here.order_by(col(IntroductionRow.introduction_id)).with_for_update()
    rows = (await session.exec(ordered, execution_options={"populate_existing": True})).all()
    answers = await answers_of(session, ids)
    return {row.introduction_id: introduction_of(row, answers.get(row.introduction_id)) for row in rows}


async def save_requests(session: AsyncSession, introductions: Sequence[Introduction], erased: Collection[str]) -> None:
    """Keep the employer's side; of an erased learner nothing but ids, versions and the job."""
    rows = [introduction_columns(each, each.learner_id in erased) for each in introductions]
    await upsert(session, IntroductionRow, rows, ["introduction_id"])


async def list_introductions(
    session: AsyncSession,
    provider_id: str,
    wanted: LearnerIntroductionFilter,
    page: PageRequest,
    newest_first: bool = False,
) -> Page[Introduction]:
    """By id, which is the order in which they were asked for."""
    statement = of_provider(select(IntroductionRow), provider_id)
    statement = equal(statement, col(IntroductionRow.status), wanted.status)
    statement = equal(statement, col(IntroductionRow.learner_id), wanted.learner_id)
    statement = equal(statement, col(IntroductionRow.opening_id), wanted.opening_id)
    order = Order((col(IntroductionRow.introduction_id),), newest_first)
    found: Page[Any] = await page_of(session, statement, order, page, lambda row: row)
    return Page[Any](items=await with_answers(session, found.items), next_cursor=found.next_cursor)


def _late(today: date) -> SelectOfScalar[str]:
    asked = col(IntroductionRow.status) == IntroductionStatus.ASKED.value
    return select(IntroductionRow.introduction_id).where(asked, col(IntroductionRow.answer_by) < today)


def _unavailable() -> SelectOfScalar[str]:
    """Open ones of learners who are erased, do not consent or do not seek. One whose learner is unknown waits."""
    mine, erased = col(IntroductionRow.learner_id), col(ErasedLearnerRow.learner_id)
    joined = select(IntroductionRow.introduction_id).outerjoin(LearnerRow, col(LearnerRow.learner_id) == mine)
    with_erased = joined.outerjoin(ErasedLearnerRow, erased == mine)
    idle = or_(col(LearnerRow.consents_to_matching).is_(False), col(LearnerRow.seeking).is_(False))
    return with_erased.where(col(IntroductionRow.status).in_(OPEN), or_(erased.is_not(None), idle))


def _overdue(until: datetime) -> SelectOfScalar[str]:
    known = col(LearnerRow.learner_id) == col(IntroductionRow.learner_id)
    hired = col(IntroductionRow.status) == IntroductionStatus.HIRED.value
    waits = (hired, col(IntroductionRow.hire).is_(None), col(IntroductionRow.hire_noticed_at) <= until)
    return select(IntroductionRow.introduction_id).join(LearnerRow, known).where(*waits)


def _undone() -> SelectOfScalar[str]:
    hired = col(IntroductionRow.status) == IntroductionStatus.HIRED.value
    return select(IntroductionRow.introduction_id).where(~hired, col(IntroductionRow.hire).is_not(None))
