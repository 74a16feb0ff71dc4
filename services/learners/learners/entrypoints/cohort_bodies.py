"""Bodies of requests about cohorts."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from learners.domain.cohort import CohortPlan
from learners.entrypoints.cohort_fields import EndsOn, Enrolled, Seats, StartsOn
from learners.entrypoints.fields import CatalogId
from learners.entrypoints.ids import CREDENTIAL_ID, RegionId
from makersync.http.bodies import LEFT_OUT, RequestModel


class CohortBody(RequestModel):
    """A planned cohort."""

    credential: Annotated[CatalogId, CREDENTIAL_ID]
    region: Annotated[RegionId, Field(max_length=40)]
    seats: Seats
    enrolled: Annotated[
        Enrolled,
        Field(
            description="Seats that are taken by people who are not registered as learners here, at most `seats`. Each learner "
            "enrolled later adds one."
        ),
    ] = 0
    starts_on: StartsOn
    ends_on: EndsOn

    def plan(self) -> CohortPlan:
        return CohortPlan(self.seats, self.enrolled, self.starts_on, self.ends_on)


class CohortPatch(RequestModel):
    """What changes of a cohort; what is left out stays. Region and credential never change."""

    seats: Seats = LEFT_OUT
    enrolled: Enrolled = LEFT_OUT
    starts_on: StartsOn = LEFT_OUT
    ends_on: EndsOn = LEFT_OUT

    def rewrite(self, before: CohortPlan) -> CohortPlan:
        return replace(before, **self.given)
