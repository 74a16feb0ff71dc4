"""Awards in answers."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from contracts.vocabulary import AwardStatus, Evidence
from learners.domain.award import Award
from learners.domain.award_dates import NotInForce, remarks_on, why_not_in_force
from learners.domain.learner import Learner
from makersync.http.idempotency import Created
from makersync.http.warned import Warned, warnings_of


class AwardView(BaseModel):
    """An award as it stands today."""

    award_id: str
    credential: str
    status: AwardStatus
    issued_on: date | None
    expires_on: date | None
    expected_on: date | None
    evidence: Evidence
    in_force: bool = Field(description="Whether it counts today (MARKET.md section 4).")
    not_in_force: NotInForce | None = Field(description="Why not.")
    cohort_id: str | None = Field(description="The cohort whose seat it holds.")

    @classmethod
    def of(cls, award: Award, today: date) -> Self:
        dates, why_not = award.dates, why_not_in_force(award, today)
        return cls(
            award_id=award.award_id,
            credential=award.credential,
            status=award.status,
            issued_on=dates.issued_on,
            expires_on=dates.expires_on,
            expected_on=dates.expected_on,
            evidence=award.evidence,
            in_force=why_not is None,
            not_in_force=why_not,
            cohort_id=award.cohort_id,
        )


class RecordedAwardView(AwardView, Warned):
    """A new award, with the version that it gave its learner."""

    learner_id: str
    learner_version: int

    @classmethod
    def made(cls, learner: Learner, award: Award, today: date) -> Created:
        view = cls(
            **AwardView.of(award, today).model_dump(),
            learner_id=learner.learner_id,
            learner_version=learner.version,
            warnings=warnings_of(remarks_on(award, learner.awards, today)),
        )
        return Created(view, f"/v1/learners/{learner.learner_id}/awards/{award.award_id}", learner.version)
