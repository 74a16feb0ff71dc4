"""An introduction: an employer asks to meet a learner, the provider or the learner answers, and a hire may follow
(decision 0060)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from contracts.introduction_status import IntroductionStanding, IntroductionStatus, SideState, introduction_standing

AnsweredBy = Literal["provider", "learner", "service"]
AnswerStatus = Literal["accepted", "declined", "lapsed", "withdrawn"]
HireFinding = Literal["confirmed", "disputed"]


class DeclineReason(StrEnum):
    """Why a provider or a learner declines."""

    NOT_INTERESTED = "not_interested"
    OTHER_JOB = "other_job"
    PAY = "pay"
    PLACE = "place"
    HOURS = "hours"
    TIMING = "timing"
    OTHER = "other"


class EndReason(StrEnum):
    """Why an introduction ends on the learner's side without a refusal."""

    LEARNER_WITHDREW = "learner_withdrew"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ERASED = "erased"
    HIRED_ELSEWHERE = "hired_elsewhere"
    NOT_SEEKING = "not_seeking"


class IntroductionEvent(StrEnum):
    """What happened on the learner's side: the short names of the event types of `learners.introduction.v1`."""

    ACCEPTED = "IntroductionAccepted"
    DECLINED = "IntroductionDeclined"
    LAPSED = "IntroductionLapsed"
    ENDED = "IntroductionEnded"
    HIRE_CONFIRMED = "HireConfirmed"
    HIRE_DISPUTED = "HireDisputed"


@dataclass(frozen=True, slots=True)
class Job:
    """The job as it stood when the employer asked. Wages in US cents an hour."""

    title: str
    employer_name: str
    zip: str | None = None
    remote: bool = False
    wage_min: int | None = None
    wage_max: int | None = None
    start_by: date | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What opens the contact: the SHA-256 of introduction, colon and token, and until when."""

    digest: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EmployerRequest:
    """The employer's side, as its newest record says. `outcomes` have the form of the contract's `GroupOutcome`;
    `hire_noticed_at` is when this service learned of a hire that stands."""

    status: str
    reason: str | None
    asked_at: datetime
    answer_by: date
    job: Job
    outcomes: tuple[Mapping[str, Any], ...]
    message: str | None
    contact: str | None
    access: Access | None = None
    hired_on: date | None = None
    hire_noticed_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class IntroductionAnswer:
    """The learner's side. `resumes_since` is since when the learner sought before a confirmed hire ended the search; undoing
    the hire resumes it. It is on no topic."""

    status: AnswerStatus
    reason: str | None
    answered_by: AnsweredBy
    answered_at: datetime
    provider_name: str
    hire: HireFinding | None = None
    resumes_since: date | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Introduction:
    """Both sides. `region` is that of the opening."""

    introduction_id: str
    opening_id: str
    learner_id: str
    employer_id: str
    provider_id: str
    region: str
    request: EmployerRequest
    answer: IntroductionAnswer | None = None

    @property
    def standing(self) -> IntroductionStanding:
        answer = None if self.answer is None else SideState(self.answer.status, self.answer.reason)
        return introduction_standing(SideState(self.request.status, self.request.reason), answer)

    @property
    def status(self) -> IntroductionStatus:
        return self.standing.status

    @property
    def hire(self) -> HireFinding | None:
        return None if self.answer is None else self.answer.hire

    @property
    def awaits_confirmation(self) -> bool:
        """Whether the employer reports a hire that nobody has confirmed or disputed."""
        return self.request.status == "hired" and self.hire is None

    @property
    def version(self) -> int:
        """Grows with every change of either side."""
        return self.request.version + (0 if self.answer is None else self.answer.version)


@dataclass(frozen=True, slots=True)
class IntroductionChange:
    """The new state of an introduction, and what made it."""

    introduction: Introduction
    kind: IntroductionEvent


def taken(before: Introduction | None, published: Introduction, now: datetime) -> Introduction:
    """The introduction after a record of the employer's side. Outcomes, what the employer wrote and the last access are given
    only while it asks; they are kept here until they are forgotten."""
    request = published.request
    if before is None:
        return replace(published, request=replace(request, hire_noticed_at=now if request.status == "hired" else None))
    old = before.request
    kept = replace(
        request,
        outcomes=request.outcomes or old.outcomes,
        message=request.message or old.message,
        contact=request.contact or old.contact,
        # A hire ends the access; the digest is kept to know the token of an introduction that has ended.
        access=request.access if request.status == "asked" else old.access,
        hire_noticed_at=(old.hire_noticed_at or now) if request.status == "hired" else None,
    )
    return replace(before, request=kept)


def without_words(introduction: Introduction) -> Introduction:
    """Without what the employer wrote and without what is said of the learner."""
    bare = replace(introduction.request, message=None, contact=None, outcomes=())
    return replace(introduction, request=bare)


def news_of(before: Introduction | None, after: Introduction) -> str | None:
    """What the provider is told, as the last part of a feed entry's type; None when nothing changed that concerns it. That a
    confirmed hire is undone is told once the search goes on."""
    if before is None:
        # One that has an answer is back after a restoration.
        is_news = after.answer is None and (after.status.is_open or after.status is IntroductionStatus.HIRED)
        return after.status.value if is_news else None
    if after.hire is not None and after.hire != before.hire:
        return f"hire_{after.hire}"
    if before.hire == "confirmed" and after.hire is None:
        return "hire_undone"
    if after.status is before.status:
        return None
    if before.status is IntroductionStatus.HIRED and after.request.status == "asked":
        return None if before.hire == "confirmed" else "hire_undone"
    return after.status.value
