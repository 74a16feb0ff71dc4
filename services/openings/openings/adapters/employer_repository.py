"""Employers in the database, limited to those that the caller may see."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.text import name_key
from openings.adapters.employer_tables import EmployerRow
from openings.domain.employer import Employer
from openings.domain.errors import NoSuchThing, NotNow


async def employer_exists(session: AsyncSession, employer_id: str) -> bool:
    return await session.get(EmployerRow, employer_id) is not None


async def public_name(session: AsyncSession, employer_id: str) -> str | None:
    """The name that events carry; None where it is not known."""
    row = await session.get(EmployerRow, employer_id)
    return None if row is None or _employer_of(row).is_nameless else row.name


class EmployerRepository:
    """`scope` is the only employer that the caller may see; None means all."""

    def __init__(self, session: AsyncSession, scope: str | None) -> None:
        self._session = session
        self._scope = scope

    async def get(self, employer_id: str) -> Employer:
        row = (await self._session.exec(self._visible().where(col(EmployerRow.employer_id) == employer_id))).one_or_none()
        if row is None:
            raise NoSuchThing("employer")
        return _employer_of(row)

    async def claim(self, employer_id: str) -> Employer | None:
        row = await self._session.get(EmployerRow, employer_id, with_for_update=True, populate_existing=True)
        return None if row is None else _employer_of(row)

    async def add(self, employer: Employer) -> None:
        row = EmployerRow(employer_id=employer.employer_id, name=employer.name, created_at=employer.created_at)
        self._session.add(row)
        try:
            await self._session.flush()
        except IntegrityError as error:
            raise NotNow("exists", "The employer exists already.") from error

    async def rename(self, employer: Employer) -> None:
        row = await self._session.get_one(EmployerRow, employer.employer_id)
        row.name, row.created_at = employer.name, employer.created_at
        self._session.add(row)
        await self._session.flush()

    async def named_like(self, name: str) -> list[Employer]:
        """Names are compared here, because no database compares them the way `name_key` does."""
        named = (await self._session.exec(select(EmployerRow.employer_id, EmployerRow.name))).all()
        same = [employer_id for employer_id, other in named if name_key(other) == name_key(name)]
        rows = await self._session.exec(self._visible().where(col(EmployerRow.employer_id).in_(same)))
        return [_employer_of(row) for row in rows]

    async def listed(self, page: PageRequest) -> Page[Employer]:
        """Newest first. Raises MalformedRequest when the cursor does not belong to this list."""
        order = Order((col(EmployerRow.employer_id),), newest_first=True)
        return await page_of(self._session, self._visible(), order, page, _employer_of)

    def _visible(self) -> SelectOfScalar[EmployerRow]:
        everything = select(EmployerRow)
        return everything if self._scope is None else everything.where(col(EmployerRow.employer_id) == self._scope)


def _employer_of(row: EmployerRow) -> Employer:
    return Employer(row.employer_id, row.name, row.created_at)
