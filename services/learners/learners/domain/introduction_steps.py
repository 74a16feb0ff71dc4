"""How the learner's side of an introduction changes (decision 0060). Each step is pure, and is one event."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from contracts.introduction_status import IntroductionStatus
from learners.domain.errors import NotPossible
from learners.domain.introduction import (
    AnsweredBy,
    AnswerStatus,
    DeclineReason,
    EndReason,
    HireFinding,
    Introduction,
    IntroductionAnswer,
    IntroductionChange,
    IntroductionEvent,
)

#: The event that says that an answer stands so.
KINDS: Mapping[AnswerStatus, IntroductionEvent] = {
    "accepted": IntroductionEvent.ACCEPTED,
    "declined": IntroductionEvent.DECLINED,
    "lapsed": IntroductionEvent.LAPSED,
    "withdrawn": IntroductionEvent.ENDED,
}


#: Reasons for which the employer's side forgets what it knows of the learner.
FORGETTING = (EndReason.CONSENT_WITHDRAWN, EndReason.ERASED)


@dataclass(frozen=True, slots=True)
class Respondent:
    """Who answers, and when. `provider_name` is the name that the employer sees."""

    by: AnsweredBy
    at: datetime
    provider_name: str


def accept(introduction: Introduction, who: Respondent, today: date) -> IntroductionChange:
    """Raises NotPossible."""
    demand_asked(introduction, today)
    return _answered(introduction, who, "accepted", None)


def decline(introduction: Introduction, who: Respondent, reason: DeclineReason, today: date) -> IntroductionChange:
    """Raises NotPossible."""
    demand_asked(introduction, today)
    return _answered(introduction, who, "declined", reason)


def withdraw(introduction: Introduction, who: Respondent) -> IntroductionChange:
    """Take an acceptance back. Raises NotPossible."""
    if introduction.status is not IntroductionStatus.ACCEPTED:
        raise NotPossible("not_accepted", f"the introduction is {introduction.status}, not accepted")
    return _answered(introduction, who, "withdrawn", EndReason.LEARNER_WITHDREW)


def lapse(introduction: Introduction, who: Respondent, today: date) -> IntroductionChange | None:
    """None unless it waits for an answer whose last day is over."""
    if introduction.status is not IntroductionStatus.ASKED or not is_late(introduction, today):
        return None
    return _answered(introduction, who, "lapsed", None)


def end(introduction: Introduction, who: Respondent, reason: EndReason) -> IntroductionChange | None:
    """End what is open; None when it is not. For a reason after which the employer's side must keep nothing about the learner,
    it is told however the introduction stands; None when it has been told."""
    before = None if introduction.answer is None else introduction.answer.reason
    ends = before not in (reason, EndReason.ERASED) if reason in FORGETTING else introduction.status.is_open
    return _answered(introduction, who, "withdrawn", reason) if ends else None


def confirm_hire(introduction: Introduction, who: Respondent, resumes_since: date | None) -> IntroductionChange:
    """`resumes_since`: since when the learner sought whose search ends with this; None when there was no search. Raises
    NotPossible."""
    _demand_hired(introduction)
    if introduction.hire == "confirmed":
        raise NotPossible("hire_decided", "the hire is confirmed already")
    return _found(introduction, who, "confirmed", resumes_since)


def dispute_hire(introduction: Introduction, who: Respondent) -> IntroductionChange:
    """Raises NotPossible."""
    _demand_hired(introduction)
    if introduction.hire is not None:
        raise NotPossible("hire_decided", f"the hire is {introduction.hire} already; a wrong one is undone by the employer")
    return _found(introduction, who, "disputed", None)


def forget_hire(introduction: Introduction, who: Respondent) -> IntroductionChange | None:
    """After the employer has undone the hire, nothing is said of it any more; None when nothing was."""
    answer = introduction.answer
    if answer is None or answer.hire is None or introduction.request.status == "hired":
        return None
    cleared = replace(answer, hire=None, resumes_since=None, answered_by=who.by, answered_at=who.at)
    return _changed(introduction, replace(cleared, version=answer.version + 1), KINDS[answer.status])


def hand_search_on(introduction: Introduction, since: date) -> Introduction:
    """A confirmed hire that ended no search itself stands for one that did, and was undone."""
    answer = introduction.answer
    if answer is None or answer.resumes_since is not None:
        return introduction
    return replace(introduction, answer=replace(answer, resumes_since=since))


def is_overdue(introduction: Introduction, now: datetime, days: int) -> bool:
    """Whether a hire counts as confirmed, since nobody has disputed it within so many days."""
    noticed = introduction.request.hire_noticed_at
    return introduction.awaits_confirmation and noticed is not None and noticed + timedelta(days=days) <= now


def is_late(introduction: Introduction, today: date) -> bool:
    """Whether the last day on which an answer counts is over."""
    return today > introduction.request.answer_by


def demand_asked(introduction: Introduction, today: date) -> None:
    """Raises NotPossible unless it waits for an answer."""
    if introduction.status is not IntroductionStatus.ASKED:
        raise NotPossible("not_asked", f"the introduction is {introduction.status} and waits for no answer")
    if is_late(introduction, today):
        raise NotPossible("answered_late", "the last day on which an answer counts is over")


def _demand_hired(introduction: Introduction) -> None:
    if introduction.request.status != "hired":
        raise NotPossible("not_hired", "the employer reports no hire")


def _answered(introduction: Introduction, who: Respondent, status: AnswerStatus, reason: str | None) -> IntroductionChange:
    before = introduction.answer
    answer = IntroductionAnswer(
        status=status,
        reason=None if reason is None else str(reason),
        answered_by=who.by,
        answered_at=who.at,
        provider_name=who.provider_name,
        hire=None if before is None else before.hire,
        resumes_since=None if before is None else before.resumes_since,
        version=_version_of(before) + 1,
    )
    return _changed(introduction, answer, KINDS[status])


def _found(introduction: Introduction, who: Respondent, hire: HireFinding, resumes_since: date | None) -> IntroductionChange:
    """An employer that hires without an answer says by it that the learner agreed."""
    before = introduction.answer
    stands = before or IntroductionAnswer("accepted", None, who.by, who.at, who.provider_name, version=0)
    answer = replace(
        stands,
        hire=hire,
        resumes_since=resumes_since,
        answered_by=who.by,
        answered_at=who.at,
        provider_name=who.provider_name,
        version=_version_of(before) + 1,
    )
    kind = IntroductionEvent.HIRE_CONFIRMED if hire == "confirmed" else IntroductionEvent.HIRE_DISPUTED
    return _changed(introduction, answer, kind)


def _changed(introduction: Introduction, answer: IntroductionAnswer, kind: IntroductionEvent) -> IntroductionChange:
    return IntroductionChange(replace(introduction, answer=answer), kind)


def _version_of(answer: IntroductionAnswer | None) -> int:
    return 0 if answer is None else answer.version
