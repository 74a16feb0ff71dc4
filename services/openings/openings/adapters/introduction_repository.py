"""Introductions in the database, limited to those that the caller may see, each with its newest answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, literal
from sqlmodel import and_, col, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from contracts.introduction_status import IntroductionStatus
from makersync.http.pagination import Order, Page, PageRequest, page_of
from openings.adapters.introduction_rows import introduction_of, introduction_values
from openings.adapters.introduction_tables import IntroductionRequestRow, ReceivedAnswerRow
from openings.domain.errors import NoSuchThing, VersionMismatch
from openings.domain.introduction import IntroductionRequest, RequestStatus

_OPEN = [status.value for status in IntroductionStatus if status.is_open]
#: Introductions forgotten in one statement, so that no transaction grows long.
_FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class IntroductionFilter:
    """Which introductions a list shows; None means any."""

    opening_id: str | None = None
    status: IntroductionStatus | None = None


class IntroductionRequestRepository:
    """`scope` is the employer whose introductions the caller may see; None means every employer."""

    def __init__(self, session: AsyncSession, scope: str | None) -> None:
        self._session = session
        self._scope = scope

    async def get(self, introduction_id: str) -> IntroductionRequest:
        return await self._one(self._visible(), introduction_id)

    async def claim(self, introduction_id: str) -> IntroductionRequest:
        return await self._one(self._visible().with_for_update(), introduction_id)

    async def claim_known(self, introduction_ids: Collection[str]) -> dict[str, IntroductionRequest]:
        """Those of these that there are, locked in the order of their ids."""
        wanted = self._visible().where(col(IntroductionRequestRow.introduction_id).in_(introduction_ids))
        return {each.introduction_id: each for each in await self._claimed(wanted)}

    async def claim_open(self, opening_ids: Collection[str]) -> Sequence[IntroductionRequest]:
        return await self._claimed(self._visible().where(_open_of(opening_ids)))

    async def claim_with_open(self, introduction: IntroductionRequest) -> IntroductionRequest:
        mine = col(IntroductionRequestRow.introduction_id) == introduction.introduction_id
        claimed = await self._claimed(self._visible().where(or_(mine, _open_of([introduction.opening_id]))))
        return next(each for each in claimed if each.introduction_id == introduction.introduction_id)

    async def of_pair(self, opening_id: str, learner_id: str) -> Sequence[IntroductionRequest]:
        pair = (col(IntroductionRequestRow.opening_id) == opening_id, col(IntroductionRequestRow.learner_id) == learner_id)
        rows = await self._session.exec(self._visible().where(*pair).order_by(col(IntroductionRequestRow.introduction_id)))
        return await self._with_answers(rows.all())

    async def newest_by_learner(self, opening_id: str) -> Mapping[str, IntroductionRequest]:
        """The newest introduction of each learner of the opening."""
        mine = self._visible().where(col(IntroductionRequestRow.opening_id) == opening_id)
        rows = (await self._session.exec(mine.order_by(col(IntroductionRequestRow.introduction_id)))).all()
        return {each.learner_id: each for each in await self._with_answers(rows)}

    async def open_counts(self, opening_ids: Collection[str]) -> Mapping[str, int]:
        """How many introductions of each opening have not ended; openings without any are left out."""
        statement = select(IntroductionRequestRow.opening_id, func.count()).where(_open_of(opening_ids))
        return dict((await self._session.exec(statement.group_by(col(IntroductionRequestRow.opening_id)))).all())

    async def asked_since(self, opening_id: str, since: datetime) -> Sequence[datetime]:
        recent = (col(IntroductionRequestRow.opening_id) == opening_id, col(IntroductionRequestRow.asked_at) > since)
        return (await self._session.exec(select(IntroductionRequestRow.asked_at).where(*recent))).all()

    async def hires(self, opening_id: str) -> int:
        return (await self._session.exec(select(func.count()).select_from(self._hired(opening_id).subquery()))).one()

    async def hired(self, opening_id: str) -> Sequence[IntroductionRequest]:
        """The introductions that filled a position of the opening, in the order of their ids."""
        rows = await self._session.exec(self._hired(opening_id).order_by(col(IntroductionRequestRow.introduction_id)))
        return await self._with_answers(rows.all())

    async def add(self, introduction: IntroductionRequest) -> None:
        self._session.add(IntroductionRequestRow(**introduction_values(introduction)))
        await self._session.flush()

    async def save(self, introduction: IntroductionRequest) -> None:
        await self._write(introduction, introduction.version - 1)

    async def note_answer(self, introduction: IntroductionRequest) -> None:
        """Write what follows from a new answer; the version of the employer's side stays."""
        await self._write(introduction, introduction.version)

    async def listed(self, wanted: IntroductionFilter, page: PageRequest) -> Page[IntroductionRequest]:
        """Newest first. Raises MalformedRequest when the cursor does not belong to this list."""
        statement = self._visible()
        if wanted.opening_id is not None:
            statement = statement.where(col(IntroductionRequestRow.opening_id) == wanted.opening_id)
        if wanted.status is not None:
            statement = statement.where(col(IntroductionRequestRow.standing) == wanted.status.value)
        return await self._page(statement, Order((col(IntroductionRequestRow.introduction_id),), newest_first=True), page)

    async def open_ones(self, page: PageRequest) -> Page[IntroductionRequest]:
        """Those that have not ended, the oldest first. Raises MalformedRequest as `listed` does."""
        statement = self._visible().where(col(IntroductionRequestRow.standing).in_(_OPEN))
        return await self._page(statement, Order((col(IntroductionRequestRow.introduction_id),)), page)

    async def forget(self, before: datetime) -> int:
        """Blank what is known about learners, and what was written to them, of some introductions that ended before that time.
        Returns how many; 0 when none are left."""
        told = or_(
            col(IntroductionRequestRow.message).is_not(None),
            col(IntroductionRequestRow.contact).is_not(None),
        )
        key = col(IntroductionRequestRow.introduction_id)
        some = select(key).where(col(IntroductionRequestRow.ended_at) < before, told).order_by(key).limit(_FORGOTTEN_AT_ONCE)
        # Those that somebody has claimed are left to the next call.
        ids = (await self._session.exec(some.with_for_update(skip_locked=True))).all()
        blank = {"message": None, "contact": None, "outcomes": literal([], JSON)}
        await self._session.exec(update(IntroductionRequestRow).where(key.in_(ids)).values(**blank))
        return len(ids)

    async def _write(self, introduction: IntroductionRequest, stored_version: int) -> None:
        before = (
            col(IntroductionRequestRow.introduction_id) == introduction.introduction_id,
            col(IntroductionRequestRow.version) == stored_version,
        )
        statement = update(IntroductionRequestRow).where(*before).values(**introduction_values(introduction))
        if (await self._session.exec(statement)).rowcount != 1:
            raise VersionMismatch("introduction")

    async def _one(self, statement: SelectOfScalar[IntroductionRequestRow], introduction_id: str) -> IntroductionRequest:
        wanted = statement.where(col(IntroductionRequestRow.introduction_id) == introduction_id)
        row = (await self._session.exec(wanted.execution_options(populate_existing=True))).one_or_none()
        if row is None:
            raise NoSuchThing("introduction")
        [found] = await self._with_answers([row])
        return found

    async def _claimed(self, statement: SelectOfScalar[IntroductionRequestRow]) -> list[IntroductionRequest]:
        ordered = statement.order_by(col(IntroductionRequestRow.introduction_id)).with_for_update()
        rows = (await self._session.exec(ordered.execution_options(populate_existing=True))).all()
        return await self._with_answers(rows)

    async def _page(
        self, statement: SelectOfScalar[IntroductionRequestRow], order: Order, page: PageRequest
    ) -> Page[IntroductionRequest]:
        rows: Page[Any] = await page_of(self._session, statement, order, page, lambda row: row)
        return Page[Any](items=await self._with_answers(rows.items), next_cursor=rows.next_cursor)

    async def _with_answers(self, rows: Sequence[IntroductionRequestRow]) -> list[IntroductionRequest]:
        ids = [row.introduction_id for row in rows]
        statement = select(ReceivedAnswerRow).where(col(ReceivedAnswerRow.introduction_id).in_(ids))
        answers = await self._session.exec(statement.execution_options(populate_existing=True))
        by_id = {answer.introduction_id: answer for answer in answers}
        return [introduction_of(row, by_id.get(row.introduction_id)) for row in rows]

    def _hired(self, opening_id: str) -> SelectOfScalar[IntroductionRequestRow]:
        hired = col(IntroductionRequestRow.status) == RequestStatus.HIRED.value
        return self._visible().where(col(IntroductionRequestRow.opening_id) == opening_id, hired)

    def _visible(self) -> SelectOfScalar[IntroductionRequestRow]:
        everything = select(IntroductionRequestRow)
        return everything if self._scope is None else everything.where(col(IntroductionRequestRow.employer_id) == self._scope)


def _open_of(opening_ids: Collection[str]) -> ColumnElement[bool]:
    of_openings = col(IntroductionRequestRow.opening_id).in_(opening_ids)
    return and_(of_openings, col(IntroductionRequestRow.standing).in_(_OPEN))
