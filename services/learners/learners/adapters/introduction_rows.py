"""Introductions as rows."""

from datetime import datetime
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from learners.adapters.introduction_tables import IntroductionAnswerRow, IntroductionRow
from learners.domain.introduction import (
    Access,
    AnsweredBy,
    AnswerStatus,
    EmployerRequest,
    HireFinding,
    Introduction,
    IntroductionAnswer,
    Job,
)

_JOB = TypeAdapter(Job)


def introduction_of(row: IntroductionRow, answer: IntroductionAnswerRow | None) -> Introduction:
    return Introduction(
        introduction_id=row.introduction_id,
        opening_id=row.opening_id,
        learner_id=row.learner_id,
        employer_id=row.employer_id,
        provider_id=row.provider_id,
        region=row.region,
        request=_request_of(row),
        answer=None if answer is None else answer_of(answer),
    )


def _request_of(row: IntroductionRow) -> EmployerRequest:
    return EmployerRequest(
        status=row.request_status,
        reason=row.request_reason,
        asked_at=row.asked_at,
        answer_by=row.answer_by,
        job=_JOB.validate_python(row.job),
        outcomes=tuple(row.outcomes),
        message=row.message,
        contact=row.contact,
        access=_access_of(row.access_digest, row.access_expires_at),
        hired_on=row.hired_on,
        hire_noticed_at=row.hire_noticed_at,
        version=row.version,
    )


def _access_of(digest: str | None, expires_at: datetime | None) -> Access | None:
    return None if digest is None or expires_at is None else Access(digest, expires_at)


def answer_of(row: IntroductionAnswerRow) -> IntroductionAnswer:
    return IntroductionAnswer(
        status=cast(AnswerStatus, row.status),
        reason=row.reason,
        answered_by=cast(AnsweredBy, row.answered_by),
        answered_at=row.answered_at,
        provider_name=row.provider_name,
        hire=cast(HireFinding | None, row.hire),
        resumes_since=row.resumes_since,
        version=row.version,
    )


def introduction_columns(introduction: Introduction, forgotten: bool) -> dict[str, Any]:
    """Those of the employer's side. Whatever changes unmarks the end, which is then noticed again."""
    request, access = introduction.request, introduction.request.access
    return {
        **_ids(introduction),
        "status": introduction.status.value,
        "hire": introduction.hire,
        "version": request.version,
        "request_status": request.status,
        "request_reason": request.reason,
        "asked_at": request.asked_at,
        "answer_by": request.answer_by,
        "job": to_jsonable_python(request.job),
        "outcomes": to_jsonable_python(request.outcomes),
        "message": request.message,
        "contact": request.contact,
        "access_digest": None if access is None else access.digest,
        "access_expires_at": None if access is None else access.expires_at,
        "hired_on": request.hired_on,
        "hire_noticed_at": request.hire_noticed_at,
        "ended_at": None,
        "forgotten": forgotten,
    }


def answer_columns(introduction: Introduction, answer: IntroductionAnswer) -> dict[str, Any]:
    return {
        **_ids(introduction),
        "provider_name": answer.provider_name,
        "status": answer.status,
        "reason": answer.reason,
        "answered_by": answer.answered_by,
        "answered_at": answer.answered_at,
        "hire": answer.hire,
        "resumes_since": answer.resumes_since,
        "version": answer.version,
    }


def _ids(introduction: Introduction) -> dict[str, str]:
    return {
        "introduction_id": introduction.introduction_id,
        "opening_id": introduction.opening_id,
        "learner_id": introduction.learner_id,
        "employer_id": introduction.employer_id,
        "provider_id": introduction.provider_id,
        "region": introduction.region,
    }
