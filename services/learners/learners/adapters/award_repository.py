"""Awards in SQL. They are saved with their learner."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.vocabulary import AwardStatus, Evidence
from learners.adapters.award_tables import AwardRow
from learners.domain.award import Award, AwardDates


def award_of(row: AwardRow) -> Award:
    return Award(
        award_id=row.award_id,
        credential=row.credential,
        status=AwardStatus(row.status),
        dates=AwardDates(row.issued_on, row.expires_on, row.expected_on),
        evidence=Evidence(row.evidence),
        vouched_at=row.vouched_at,
        cohort_id=row.cohort_id,
    )


def award_columns(learner_id: str, award: Award) -> dict[str, Any]:
    return {
        "award_id": award.award_id,
        "learner_id": learner_id,
        "credential": award.credential,
        "status": award.status.value,
        "issued_on": award.dates.issued_on,
        "expires_on": award.dates.expires_on,
        "expected_on": award.dates.expected_on,
        "evidence": award.evidence.value,
        "vouched_at": award.vouched_at,
        "cohort_id": award.cohort_id,
    }


async def awards_of(session: AsyncSession, learner_ids: Sequence[str]) -> Mapping[str, Iterable[AwardRow]]:
    """The awards of each of the learners, oldest first."""
    statement = select(AwardRow).where(col(AwardRow.learner_id).in_(learner_ids)).order_by(col(AwardRow.award_id))
    found: dict[str, list[AwardRow]] = {}
    for row in (await session.exec(statement, execution_options={"populate_existing": True})).all():
        found.setdefault(row.learner_id, []).append(row)
    return found
