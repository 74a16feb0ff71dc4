"""Enrolments in SQL: awards that hold a seat of a cohort."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.award_repository import award_of
from learners.adapters.award_tables import AwardRow
from learners.domain.award import Award
from makersync.http.pagination import Order, Page, PageRequest, page_of


async def list_enrolments(session: AsyncSession, cohort_id: str, page: PageRequest) -> Page[tuple[str, Award]]:
    """Learners' ids with the awards that they are enrolled for. The caller must have checked that the cohort may be seen."""

    def enrolment_of(row: AwardRow) -> tuple[str, Award]:
        return row.learner_id, award_of(row)

    statement = select(AwardRow).where(col(AwardRow.cohort_id) == cohort_id)
    return await page_of(session, statement, Order((col(AwardRow.award_id),)), page, enrolment_of)
