"""How an introduction and its answer are stored."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from openings.adapters.introduction_tables import IntroductionRequestRow, ReceivedAnswerRow
from openings.domain.introduction import (
    ContactCapability,
    IntroductionRequest,
    OfferedJob,
    ReceivedAnswer,
    RequestStatus,
)
from openings.domain.shortlist import GroupResult

#: The fields that have the same name and form in an introduction and in its row.
_PLAIN = (
    "introduction_id",
    "opening_id",
    "learner_id",
    "employer_id",
    "provider_id",
    "region",
    "version",
    "reason",
    "asked_at",
    "answer_by",
    "message",
    "contact",
    "hired_on",
    "changed_at",
    "refused",
)
_ANSWER = ("version", "status", "reason", "provider_name", "answered_by", "answered_at", "hire")


def introduction_values(introduction: IntroductionRequest) -> dict[str, Any]:
    """The columns of the introduction's row."""
    job, access = introduction.job, introduction.access
    start_by = job.start_by and job.start_by.isoformat()
    return {
        **{name: getattr(introduction, name) for name in _PLAIN},
        "status": introduction.status.value,
        "job": asdict(job) | {"start_by": start_by},
        "outcomes": [asdict(outcome) | {"awards": list(outcome.awards)} for outcome in introduction.outcomes],
        "access_digest": access and access.digest,
        "access_expires_at": access and access.expires_at,
        **standing_values(introduction),
    }


def standing_values(introduction: IntroductionRequest) -> dict[str, Any]:
    """The columns that follow from both sides."""
    standing, answer = introduction.standing, introduction.answer
    ended_at = introduction.changed_at if answer is None else max(introduction.changed_at, answer.answered_at)
    return {"standing": standing.status.value, "ended_at": None if standing.status.is_open else ended_at}


def introduction_of(row: IntroductionRequestRow, answer: ReceivedAnswerRow | None) -> IntroductionRequest:
    access = None
    if row.access_digest is not None and row.access_expires_at is not None:
        access = ContactCapability(row.access_digest, row.access_expires_at)
    return IntroductionRequest(
        **{name: getattr(row, name) for name in _PLAIN},
        status=RequestStatus(row.status),
        job=_job(row.job),
        outcomes=tuple(GroupResult(**(outcome | {"awards": tuple(outcome["awards"])})) for outcome in row.outcomes),
        access=access,
        answer=None if answer is None else answer_of(answer),
    )


def answer_of(row: ReceivedAnswerRow) -> ReceivedAnswer:
    return ReceivedAnswer(**{name: getattr(row, name) for name in _ANSWER})


def _job(stored: Mapping[str, Any]) -> OfferedJob:
    start_by = stored["start_by"]
    return OfferedJob(**(dict(stored) | {"start_by": start_by and date.fromisoformat(start_by)}))
