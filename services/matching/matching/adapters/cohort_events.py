"""The events of cohorts as this service reads them, and the cohorts that they stand for."""

from contracts.topics import COHORT
from contracts.wire import (
    Day,
    Identifier,
    Region,
    Seats,
)
from makersync.effects.reading import Reader, ReaderModel
from matching.domain.market.subjects import (
    MarketCohort,
)


class CohortRead(ReaderModel):
    cohort_id: Identifier
    provider_id: Identifier
    credential: Identifier
    region: Region
    seats: Seats
    enrolled: Seats
    starts_on: Day
    ends_on: Day

    def to_domain(self, version: int) -> MarketCohort:
        return MarketCohort(**{name: getattr(self, name) for name in type(self).model_fields}, version=version)


class CohortEndRead(ReaderModel):
    cohort_id: Identifier
    region: Region


COHORT_READER = Reader(COHORT, {"CohortPlanned": CohortRead, "CohortRevised": CohortRead, "CohortCancelled": CohortEndRead})
