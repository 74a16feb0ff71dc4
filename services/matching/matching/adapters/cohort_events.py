"""The events of cohorts as this service reads them, and the cohorts that they stand for."""

from datetime import date

from contracts.topics import COHORT
from makersync.effects.reading import Reader, ReaderStruct
from matching.adapters.subject_fields import Id, Place, Reference, Seats, require_days
from matching.domain.market.subjects import MarketCohort


class CohortRead(ReaderStruct, frozen=True, kw_only=True):
    """A cohort as the learners service publishes it (MARKET.md section 12)."""

    cohort_id: Id
    provider_id: Id
    credential: Reference
    region: Place
    seats: Seats
    enrolled: Seats
    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        require_days(self.starts_on, self.ends_on)

    def to_domain(self, version: int) -> MarketCohort:
        return cohort_of(self, version)


def cohort_of(read: CohortRead, version: int) -> MarketCohort:
    """The cohort that an event or a market file describes."""
    return MarketCohort(
        cohort_id=read.cohort_id,
        provider_id=read.provider_id,
        credential=read.credential,
        region=read.region,
        seats=read.seats,
        enrolled=read.enrolled,
        starts_on=read.starts_on,
        ends_on=read.ends_on,
        version=version,
    )


class CohortEndRead(ReaderStruct, frozen=True, kw_only=True):
    cohort_id: Id
    region: Place


COHORT_READER = Reader(COHORT, {"CohortPlanned": CohortRead, "CohortRevised": CohortRead, "CohortCancelled": CohortEndRead})
