"""Employers in the database, within what the caller may see."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.text import name_key
from openings.adapters.tables import EmployerRow
from openings.domain.employer import Employer
from openings.domain.refusals import NoSuchThing, NotNow


class EmployerRepository:
    """`scope` is the one employer that exists for the caller; None: all."""

    def __init__(self, session: AsyncSession, scope: str | None) -> None:
        self._session = session
        self._scope = scope

    async def get(self, employer_id: str) -> Employer:
        row = (await self._session.exec(self._visible().where(col(EmployerRow.employer_id) == employer_id))).one_or_none()
        if row is None:
            raise NoSuchThing("employer")
        return _employer_of(row)

    async def add(self, employer: Employer) -> None:
        row = EmployerRow(employer_id=employer.employer_id, name=employer.name, created_at=employer.created_at)
        self._session.add(row)
        try:
            await self._session.flush()
        except IntegrityError as error:
            raise NotNow("There is such an employer by now.") from error

    async def hold(self, employer_id: str) -> Employer | None:
        row = await self._session.get(EmployerRow, employer_id, with_for_update=True, populate_existing=True)
        return None if row is None else _employer_of(row)

    async def rename(self, employer: Employer) -> None:
        row = await self._session.get_one(EmployerRow, employer.employer_id)
        row.name, row.created_at = employer.name, employer.created_at
        self._session.add(row)
        await self._session.flush()

    async def named_like(self, name: str) -> list[Employer]:
        """Compared here: no database knows which names are one."""
        named = (await self._session.exec(select(EmployerRow.employer_id, EmployerRow.name))).all()
        same = [employer_id for employer_id, other in named if name_key(other) == name_key(name)]
        rows = await self._session.exec(self._visible().where(col(EmployerRow.employer_id).in_(same)))
        return [_employer_of(row) for row in rows]

    async def listed(self, page: PageRequest) -> Page[Employer]:
        """Newest first. Raises MalformedRequest when the cursor is not one of this list."""
        order = Order((col(EmployerRow.employer_id),), newest_first=True)
        return await page_of(self._session, self._visible(), order, page, _employer_of)

    def _visible(self) -> SelectOfScalar[EmployerRow]:
        everything = select(EmployerRow)
        return everything if self._scope is None else everything.where(col(EmployerRow.employer_id) == self._scope)


def _employer_of(row: EmployerRow) -> Employer:
    return Employer(row.employer_id, row.name, row.created_at)
