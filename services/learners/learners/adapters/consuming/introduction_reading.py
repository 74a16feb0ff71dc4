"""What this service reads of `openings.introduction.v1`."""

from typing import Annotated, Any

from pydantic import Field

from contracts.introductions import PartyName, Reason
from contracts.topics import INTRODUCTION_REQUEST
from contracts.wire import MOST_GROUPS, Cents, Day, Identifier, Instant, Region, Text, Title, Zip
from learners.domain.introduction import Access, EmployerRequest, Introduction, Job
from makersync.effects.reading import Reader, ReaderModel, Reading, Received


class JobReading(ReaderModel):
    title: Title
    employer_name: PartyName
    zip: Zip | None = None
    remote: bool = False
    wage_min: Cents | None = None
    wage_max: Cents | None = None
    start_by: Day | None = None


class AskedOutcomeReading(ReaderModel):
    id: Identifier
    met: bool
    evidence: str | None = None
    awards: tuple[Identifier, ...] = ()


class AccessReading(ReaderModel):
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    expires_at: Instant


class IntroductionReading(ReaderModel):
    introduction_id: Identifier
    opening_id: Identifier
    learner_id: Identifier
    employer_id: Identifier
    provider_id: Identifier
    region: Region
    status: Annotated[str, Field(pattern=r"^(asked|withdrawn|hired|not_hired)$")]
    reason: Reason | None = None
    asked_at: Instant
    answer_by: Day
    job: JobReading
    outcomes: Annotated[tuple[AskedOutcomeReading, ...], Field(max_length=MOST_GROUPS)]
    message: Text | None = None
    contact: Text | None = None
    access: AccessReading | None = None
    hired_on: Day | None = None


_KINDS = (name.rpartition(".")[2] for name in INTRODUCTION_REQUEST.types)
INTRODUCTION_READER = Reader(INTRODUCTION_REQUEST, dict.fromkeys(_KINDS, IntroductionReading))


def introduction_published(received: Received[Reading], reading: IntroductionReading) -> Introduction:
    """As the employer's side alone tells it."""
    return Introduction(
        introduction_id=reading.introduction_id,
        opening_id=reading.opening_id,
        learner_id=reading.learner_id,
        employer_id=reading.employer_id,
        provider_id=reading.provider_id,
        region=reading.region,
        request=_request_of(reading, received.event.version),
    )


def _request_of(reading: IntroductionReading, version: int) -> EmployerRequest:
    outcomes: tuple[dict[str, Any], ...] = tuple(each.model_dump(exclude_none=True) for each in reading.outcomes)
    return EmployerRequest(
        status=reading.status,
        reason=reading.reason,
        asked_at=reading.asked_at,
        answer_by=reading.answer_by,
        job=Job(**reading.job.model_dump()),
        outcomes=outcomes,
        message=reading.message,
        contact=reading.contact,
        access=None if reading.access is None else Access(reading.access.digest, reading.access.expires_at),
        hired_on=reading.hired_on,
        version=version,
    )
