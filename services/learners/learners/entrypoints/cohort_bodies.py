"""Bodies of requests about cohorts."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from learners.domain.cohort import CohortPlan
from learners.entrypoints.fields import CatalogId, Day, Seats
from makersync.http.bodies import LEFT_OUT, RequestModel


class CohortBody(RequestModel):
    """A planned cohort."""

    credential: CatalogId
    region: Annotated[str, Field(max_length=40)]
    seats: Seats
    enrolled: Annotated[
        Seats, Field(description="Seats of people who are no learners here; those who are count by themselves.")
    ] = 0
    starts_on: Day
    ends_on: Day

    def plan(self) -> CohortPlan:
        return CohortPlan(self.seats, self.enrolled, self.starts_on, self.ends_on)


class CohortPatch(RequestModel):
    """What changes of a cohort; what is left out stays."""

    seats: Seats = LEFT_OUT
    enrolled: Seats = LEFT_OUT
    starts_on: Day = LEFT_OUT
    ends_on: Day = LEFT_OUT

    def rewrite(self, before: CohortPlan) -> CohortPlan:
        return replace(before, **self.given)
