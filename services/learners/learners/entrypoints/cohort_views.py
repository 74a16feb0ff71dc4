"""Cohorts in answers."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field

from learners.domain.cohort import Cohort
from learners.entrypoints.cohort_fields import ENDS_ON, ENROLLED, SEATS, STARTS_ON
from learners.entrypoints.ids import CohortId, CredentialId, ProviderId, RegionId, Version
from makersync.http.response_warnings import Warned, warnings_of
from makersync.remarks import Remark


class CohortView(BaseModel):
    """A cohort: seats in a region whose holders work towards one credential."""

    cohort_id: CohortId
    provider_id: ProviderId
    credential: CredentialId
    region: RegionId
    seats: Annotated[int, SEATS]
    enrolled: Annotated[int, ENROLLED]
    starts_on: Annotated[date, STARTS_ON]
    ends_on: Annotated[date, ENDS_ON]
    cancelled: bool = Field(
        description="Whether the provider has cancelled it: for good, and its seats are no supply to come.", examples=[False]
    )
    version: Version

    @classmethod
    def of(cls, cohort: Cohort) -> Self:
        plan = cohort.plan
        return cls(
            cohort_id=cohort.cohort_id,
            provider_id=cohort.provider_id,
            credential=cohort.credential,
            region=cohort.region,
            seats=plan.seats,
            enrolled=plan.enrolled,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            cancelled=cohort.cancelled,
            version=cohort.version,
        )


class PlannedCohortView(CohortView, Warned):
    """A cohort after what was said of it."""

    @classmethod
    def planned(cls, cohort: Cohort, remarks: Iterable[Remark]) -> Self:
        return cls(**dict(CohortView.of(cohort)), warnings=warnings_of(remarks))
