"""Bodies of requests about cohorts."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from pydantic import Field

from learners.domain.cohort import CohortPlan
from learners.entrypoints.fields import CatalogId, Day, Seats
from makersync.http.bodies import RequestModel


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

    seats: Seats = Field(default_factory=int)
    enrolled: Seats = Field(default_factory=int)
    starts_on: Day = Field(default_factory=lambda: date.min)
    ends_on: Day = Field(default_factory=lambda: date.min)

    def rewrite(self, before: CohortPlan) -> CohortPlan:
        return replace(before, **{name: getattr(self, name) for name in self.model_fields_set})
