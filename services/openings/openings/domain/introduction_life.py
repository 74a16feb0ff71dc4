"""The life of an introduction on the employer's side: each step is a pure function from one version to the next."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from contracts.introduction_status import IntroductionStatus
from contracts.vocabulary import OpeningStatus
from openings.domain.employer import Employer
from openings.domain.errors import NotNow
from openings.domain.introduction import (
    ContactCapability,
    IntroductionRequest,
    NotHiredReason,
    OfferedJob,
    RequestStatus,
)
from openings.domain.opening import Opening
from openings.domain.opening_life import Moment
from openings.domain.shortlist import Candidate

#: The reason of a record that only takes back what a request said: the answer had ended the introduction before.
ANSWERED = "answered"
EXPIRED = "opening_expired"


class RequestEventKind(StrEnum):
    """The types of events on `openings.introduction.v1`."""

    REQUESTED = "IntroductionRequested"
    WITHDRAWN = "IntroductionWithdrawn"
    ACCESS_GRANTED = "ContactAccessGranted"
    HIRED = "PersonHired"
    NOT_HIRED = "PersonNotHired"
    UNDONE = "HireUndone"


@dataclass(frozen=True, slots=True)
class RequestChange:
    """An introduction at its next version, and what happened to it."""

    introduction: IntroductionRequest
    kind: RequestEventKind


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the employer says to the candidate."""

    message: str | None
    contact: str
    answer_by: date


def ask(
    introduction_id: str, opening: Opening, employer: Employer, candidate: Candidate, said: Invitation, now: datetime
) -> RequestChange:
    """A new introduction at version 1. `openings.domain.introduction_rules` must have admitted it."""
    asked = IntroductionRequest(
        introduction_id=introduction_id,
        opening_id=opening.opening_id,
        learner_id=candidate.learner_id,
        employer_id=opening.employer_id,
        provider_id=candidate.provider_id,
        region=opening.region,
        version=1,
        status=RequestStatus.ASKED,
        reason=None,
        asked_at=now,
        answer_by=said.answer_by,
        job=_job(opening, employer),
        outcomes=candidate.outcomes,
        message=said.message,
        contact=said.contact,
        access=None,
        hired_on=None,
        changed_at=now,
    )
    return RequestChange(asked, RequestEventKind.REQUESTED)


def withdraw(introduction: IntroductionRequest, now: datetime) -> RequestChange:
    """The employer does not ask any more. Raises NotNow when the introduction has ended."""
    demand_open(introduction)
    return _ended(introduction, RequestEventKind.WITHDRAWN, "employer_withdrew", now)


def end_with(introduction: IntroductionRequest, reason: str, now: datetime) -> RequestChange:
    """End an open introduction, because its opening came to an end or the answer did."""
    return _ended(introduction, RequestEventKind.WITHDRAWN, reason, now)


def grant_access(introduction: IntroductionRequest, access: ContactCapability, now: datetime) -> RequestChange:
    """Give a capability in place of the one before. Raises NotNow unless the introduction is accepted."""
    demand_accepted(introduction)
    return _next(replace(introduction, access=access), RequestEventKind.ACCESS_GRANTED, now)


def hire(introduction: IntroductionRequest, hired_on: date, now: datetime) -> RequestChange:
    """Raises NotNow unless the introduction is accepted."""
    demand_accepted(introduction)
    hired = replace(introduction, status=RequestStatus.HIRED, hired_on=hired_on, access=None)
    return _next(hired, RequestEventKind.HIRED, now)


def end_without_hire(introduction: IntroductionRequest, reason: NotHiredReason, now: datetime) -> RequestChange:
    """Raises NotNow unless the introduction is accepted."""
    demand_accepted(introduction)
    ended = replace(introduction, status=RequestStatus.NOT_HIRED, reason=reason.value, access=None)
    return _next(ended, RequestEventKind.NOT_HIRED, now)


def undo_hire(introduction: IntroductionRequest, opening: Opening, moment: Moment) -> RequestChange:
    """Take the hire back. The introduction comes back to what is true now: it goes on as it was before, unless the answer has
    ended it meanwhile, or it ends with its opening, if that is closed. `opening` is the opening without the filling. Raises
    NotNow unless the person was hired."""
    demand_hired(introduction)
    asking = replace(introduction, status=RequestStatus.ASKED, reason=None, hired_on=None)
    reason = ANSWERED if is_answered_with_end(asking) else ending_reason(opening, moment.today)
    if reason is not None and not outlives(asking, reason):
        asking = replace(asking, status=RequestStatus.WITHDRAWN, reason=reason)
    return _next(asking, RequestEventKind.UNDONE, moment.now)


def ending_reason(opening: Opening, today: date) -> str | None:
    """Why an opening's introductions end; None while it is live on `today`."""
    if opening.status is OpeningStatus.CLOSED:
        return "opening_closed"
    if opening.status is OpeningStatus.FILLED:
        return "opening_filled"
    return EXPIRED if opening.expired(today) else None


def is_answered_with_end(introduction: IntroductionRequest) -> bool:
    """Whether the employer's side still asks although the answer has ended the introduction: what the request said is to be
    taken back."""
    return introduction.status is RequestStatus.ASKED and not introduction.standing.status.is_open


def outlives(introduction: IntroductionRequest, reason: str) -> bool:
    """Whether an open introduction goes on although its opening ends for the reason. A closing date says until when candidates
    are matched: whom the employer meets then may still be hired."""
    return reason == EXPIRED and introduction.standing.status is IntroductionStatus.ACCEPTED


def forget(introduction: IntroductionRequest) -> IntroductionRequest:
    """Without what is known about the learner and what was written to them. Events of an ended introduction say nothing of it,
    so the version stays."""
    return replace(introduction, outcomes=(), message=None, contact=None, access=None)


def demand_open(introduction: IntroductionRequest) -> None:
    """Raises NotNow when the introduction has ended."""
    if not introduction.standing.status.is_open:
        raise NotNow("introduction_ended", f"The introduction has ended: {_standing(introduction)}.")


def demand_accepted(introduction: IntroductionRequest) -> None:
    """Raises NotNow unless the introduction is accepted and goes on."""
    demand_open(introduction)
    if introduction.standing.status is not IntroductionStatus.ACCEPTED:
        raise NotNow("not_accepted", "Nobody has accepted the introduction yet.")


def demand_hired(introduction: IntroductionRequest) -> None:
    """Raises NotNow unless the introduction ended with a hire."""
    if introduction.status is not RequestStatus.HIRED:
        raise NotNow("not_hired", f"There is no hire to undo: the introduction is {_standing(introduction)}.")


def _standing(introduction: IntroductionRequest) -> str:
    standing = introduction.standing
    return standing.status.value if standing.reason is None else f"{standing.status.value} ({standing.reason})"


def _ended(introduction: IntroductionRequest, kind: RequestEventKind, reason: str, now: datetime) -> RequestChange:
    return _next(replace(introduction, status=RequestStatus.WITHDRAWN, reason=reason, access=None), kind, now)


def _next(introduction: IntroductionRequest, kind: RequestEventKind, now: datetime) -> RequestChange:
    return RequestChange(replace(introduction, version=introduction.version + 1, changed_at=now), kind)


def _job(opening: Opening, employer: Employer) -> OfferedJob:
    terms = opening.terms
    return OfferedJob(
        title=terms.title,
        employer_name=employer.name,
        zip=terms.zip,
        remote=terms.remote,
        wage_min=terms.wage_min,
        wage_max=terms.wage_max,
        start_by=terms.start_by,
    )
