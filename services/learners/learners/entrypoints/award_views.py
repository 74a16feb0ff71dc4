"""Awards in answers."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field

from contracts.vocabulary import AwardStatus, Evidence
from contracts.wire import ZONED
from learners.domain.award import Award, EndingAward
from learners.domain.award_dates import NotInForce, days_left, remarks_on, why_not_in_force
from learners.domain.learner import Learner
from learners.entrypoints.award_fields import EXPECTED_ON, EXPIRES_ON, ISSUED_ON
from learners.entrypoints.ids import AwardId, CohortId, CredentialId, LearnerId, Version
from makersync.http.idempotency import Created
from makersync.http.response_warnings import Warned, warnings_of


class AwardView(BaseModel):
    """An award as it stands today."""

    award_id: AwardId
    credential: CredentialId
    status: AwardStatus = Field(description="Where it stands: only an `active` award can be in force.")
    issued_on: Annotated[date | None, ISSUED_ON]
    expires_on: Annotated[date | None, EXPIRES_ON]
    expected_on: Annotated[date | None, EXPECTED_ON, Field(examples=[None])]
    evidence: Evidence = Field(
        description="`verified` when the provider was accredited for the issuer at the moment at which it last answered for "
        "the award; `attested` is the provider's word alone (MARKET.md section 4).",
        examples=["verified"],
    )
    in_force: bool = Field(
        description=f"Whether it counts today {ZONED}: only such awards qualify a learner (MARKET.md section 4).",
        examples=[True],
    )
    not_in_force: NotInForce | None = Field(description="Why it does not count today; null while it does.", examples=[None])
    days_left: int | None = Field(
        description="How many days it counts from today on, today included: 1 on its last day. Null when it is not in force or "
        "does not expire.",
        examples=[730],
    )
    cohort_id: Annotated[
        CohortId | None,
        Field(description="Id of the cohort whose seat it holds; null unless it came from an enrolment.", examples=[None]),
    ]

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
            days_left=days_left(award, today),
            cohort_id=award.cohort_id,
        )


class RecordedAwardView(AwardView, Warned):
    """A new award, with the version that it gave its learner."""

    learner_id: LearnerId
    learner_version: Annotated[
        Version,
        Field(
            description="The learner's version after this: the next change of the learner sends it in `If-Match`, in quotes."
        ),
    ]

    @classmethod
    def made(cls, learner: Learner, award: Award, today: date) -> Created:
        view = cls(
            **AwardView.of(award, today).model_dump(),
            learner_id=learner.learner_id,
            learner_version=learner.version,
            warnings=warnings_of(remarks_on(award, learner.awards, today)),
        )
        return Created(view, f"/v1/learners/{learner.learner_id}/awards/{award.award_id}", learner.version)


class EndingAwardView(BaseModel):
    """An award in force that ends soon, and whose it is."""

    award_id: AwardId
    learner_id: LearnerId
    credential: CredentialId
    evidence: Evidence = Field(description="`verified` or `attested`.", examples=["verified"])
    expires_on: date = Field(
        description=f"First calendar date {ZONED} on which it is no longer in force.", examples=["2026-12-06"]
    )
    days_left: int = Field(description="How many days it counts from today on, today included.", examples=[14])

    @classmethod
    def of(cls, award: EndingAward, today: date) -> Self:
        return cls(
            award_id=award.award_id,
            learner_id=award.learner_id,
            credential=award.credential,
            evidence=award.evidence,
            expires_on=award.expires_on,
            days_left=(award.expires_on - today).days,
        )
