"""Cohorts in SQL."""

from typing import Any

from sqlalchemy import func, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.award_tables import AwardRow
from learners.adapters.cohort_tables import CohortRow
from learners.adapters.statements import change_one_row, equal
from learners.domain.cohort import Cohort, CohortPlan
from learners.domain.errors import Absent
from makersync.http.pagination import Order, Page, PageRequest, page_of

COHORT = CohortRow.sql_table()


class CohortRepository:
    """`provider_id` None: the service itself, which sees all."""

    def __init__(self, session: AsyncSession, provider_id: str | None) -> None:
        self._session = session
        self._provider_id = provider_id

    async def get(self, cohort_id: str) -> Cohort:
        return self._found(await self._session.get(CohortRow, cohort_id))

    async def claim(self, cohort_id: str) -> Cohort:
        return self._found(await self._session.get(CohortRow, cohort_id, with_for_update=True, populate_existing=True))

    async def count_enrolled(self, cohort_id: str) -> int:
        statement = select(func.count()).select_from(AwardRow).where(col(AwardRow.cohort_id) == cohort_id)
        return (await self._session.exec(statement)).one()

    async def add(self, cohort: Cohort) -> None:
        await self._session.exec(insert(COHORT).values(**cohort_columns(cohort)))

    async def save(self, cohort: Cohort) -> None:
        here = (COHORT.c.cohort_id == cohort.cohort_id) & (COHORT.c.version == cohort.version - 1)
        await change_one_row(self._session, update(COHORT).where(here).values(**cohort_columns(cohort)))

    def _found(self, row: CohortRow | None) -> Cohort:
        if row is None or self._provider_id not in (None, row.provider_id):
            raise Absent
        return cohort_of(row)


def cohort_of(row: CohortRow) -> Cohort:
    plan = CohortPlan(row.seats, row.enrolled, row.starts_on, row.ends_on)
    return Cohort(row.cohort_id, row.provider_id, row.credential, row.region, plan, row.cancelled, row.version)


def cohort_columns(cohort: Cohort) -> dict[str, Any]:
    return {
        "cohort_id": cohort.cohort_id,
        "provider_id": cohort.provider_id,
        "credential": cohort.credential,
        "region": cohort.region,
        "seats": cohort.plan.seats,
        "enrolled": cohort.plan.enrolled,
        "starts_on": cohort.plan.starts_on,
        "ends_on": cohort.plan.ends_on,
        "cancelled": cohort.cancelled,
        "version": cohort.version,
    }


async def list_cohorts(
    session: AsyncSession, provider_id: str, region: str | None, credential: str | None, page: PageRequest
) -> Page[Cohort]:
    statement = select(CohortRow).where(col(CohortRow.provider_id) == provider_id)
    statement = equal(statement, col(CohortRow.region), region)
    statement = equal(statement, col(CohortRow.credential), credential)
    return await page_of(session, statement, Order((col(CohortRow.cohort_id),)), page, cohort_of)
