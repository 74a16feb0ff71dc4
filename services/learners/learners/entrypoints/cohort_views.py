"""Cohorts in answers."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import BaseModel

from learners.domain.cohort import Cohort
from makersync.http.warned import Warned, warnings_of
from makersync.remarks import Remark


class CohortView(BaseModel):
    cohort_id: str
    provider_id: str
    credential: str
    region: str
    seats: int
    enrolled: int
    starts_on: date
    ends_on: date
    cancelled: bool
    version: int

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
