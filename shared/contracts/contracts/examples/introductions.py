"""Examples of both topics of introductions: one that ends with a hire, and one for remote work that comes to nothing."""

from datetime import UTC, date, datetime
from typing import Any

from contracts.examples.story import (
    ANYWHERE,
    CLEVELAND,
    EMPLOYER,
    INTRODUCTION,
    LEARNER,
    MILLING_AWARD,
    NEWCOMER,
    OPENING,
    PROVIDER,
    REMOTE_INTRODUCTION,
    REMOTE_OPENING,
    Example,
)
from contracts.introductions import ContactAccess, IntroductionAnswerState, IntroductionRequestState, JobState
from contracts.matching import GroupOutcome

_ASKED_AT, _ANSWERED_AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC), datetime(2026, 11, 16, 15, 30, tzinfo=UTC)
_REQUEST = IntroductionRequestState(
    introduction_id=INTRODUCTION,
    opening_id=OPENING,
    learner_id=LEARNER,
    employer_id=EMPLOYER,
    provider_id=PROVIDER,
    region=CLEVELAND,
    status="asked",
    asked_at=_ASKED_AT,
    answer_by=date(2026, 11, 23),
    job=JobState(
        title="CNC mill operator, second shift",
        employer_name="Cuyahoga Precision",
        zip="44114",
        wage_min=2350,
        wage_max=2825,
        start_by=date(2027, 1, 4),
    ),
    outcomes=(
        GroupOutcome(id="milling", met=True, evidence="verified", awards=(MILLING_AWARD,)),
        GroupOutcome(id="programming", met=False),
    ),
    message="We would like to show you our new five-axis mill.",
    contact="hiring@lakeshore.example, 216-555-0117",
)
_REMOTE = IntroductionRequestState(
    introduction_id=REMOTE_INTRODUCTION,
    opening_id=REMOTE_OPENING,
    learner_id=NEWCOMER,
    employer_id=EMPLOYER,
    provider_id=PROVIDER,
    region=ANYWHERE,
    status="asked",
    asked_at=_ASKED_AT,
    answer_by=date(2026, 11, 19),
    job=JobState(title="CNC tool programmer", employer_name="Cuyahoga Precision", remote=True),
    outcomes=(),
    contact="216-555-0117",
)
_ACCESS = ContactAccess(
    digest="5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    expires_at=datetime(2026, 11, 17, 15, 31, tzinfo=UTC),
)
_CLOSED: dict[str, Any] = {"outcomes": (), "message": None, "contact": None, "access": None}
_ANSWER = IntroductionAnswerState(
    introduction_id=INTRODUCTION,
    opening_id=OPENING,
    learner_id=LEARNER,
    employer_id=EMPLOYER,
    provider_id=PROVIDER,
    provider_name="Cuyahoga Manufacturing Institute",
    region=CLEVELAND,
    status="accepted",
    answered_by="provider",
    answered_at=_ANSWERED_AT,
)
_REMOTE_ANSWER = IntroductionAnswerState(
    introduction_id=REMOTE_INTRODUCTION,
    opening_id=REMOTE_OPENING,
    learner_id=NEWCOMER,
    employer_id=EMPLOYER,
    provider_id=PROVIDER,
    provider_name="Cuyahoga Manufacturing Institute",
    region=ANYWHERE,
    status="declined",
    answered_by="learner",
    answered_at=_ANSWERED_AT,
)


def _request(kind: str, version: int, **changes: Any) -> Example:
    return Example(kind, INTRODUCTION, version, _REQUEST.model_copy(update=changes))


def _remote(kind: str, version: int, **changes: Any) -> Example:
    return Example(kind, REMOTE_INTRODUCTION, version, _REMOTE.model_copy(update=changes), bare=True)


def _answer(kind: str, version: int, **changes: Any) -> Example:
    return Example(kind, INTRODUCTION, version, _ANSWER.model_copy(update=changes), caused=version > 1)


def _remote_answer(kind: str, version: int, **changes: Any) -> Example:
    return Example(kind, REMOTE_INTRODUCTION, version, _REMOTE_ANSWER.model_copy(update=changes), bare=True)


REQUEST_EXAMPLES = (
    _remote("IntroductionRequested", 1, contact=None),
    _request("IntroductionRequested", 1),
    _remote("IntroductionWithdrawn", 2, status="withdrawn", reason="opening_filled", **_CLOSED),
    _request("IntroductionWithdrawn", 2, status="withdrawn", reason="answered", **_CLOSED),
    _remote("ContactAccessGranted", 2, contact=None, access=_ACCESS),
    _request("ContactAccessGranted", 2, access=_ACCESS),
    _remote("PersonHired", 3, status="hired", hired_on=date(2026, 11, 24), **_CLOSED),
    _request("PersonHired", 3, status="hired", hired_on=date(2026, 11, 24), **_CLOSED),
    _remote("PersonNotHired", 3, status="not_hired", reason="no_show", **_CLOSED),
    _request("PersonNotHired", 5, status="not_hired", reason="chose_another", **_CLOSED),
    _remote("HireUndone", 4, contact=None),
    _request("HireUndone", 4),
    _request("HireUndone", 4, status="withdrawn", reason="opening_closed", **_CLOSED),
)
ANSWER_EXAMPLES = (
    _remote_answer("IntroductionAccepted", 1, status="accepted"),
    _answer("IntroductionAccepted", 1),
    _remote_answer("IntroductionDeclined", 1, reason="timing"),
    _answer("IntroductionDeclined", 1, status="declined", reason="pay"),
    _remote_answer("IntroductionLapsed", 1, status="lapsed", answered_by="service"),
    _answer("IntroductionLapsed", 1, status="lapsed", answered_by="service"),
    _remote_answer("IntroductionEnded", 2, status="withdrawn", reason="hired_elsewhere", answered_by="service"),
    _answer("IntroductionEnded", 3, status="withdrawn", reason="erased", answered_by="service", hire="confirmed"),
    _remote_answer("HireConfirmed", 2, status="accepted", hire="confirmed"),
    _answer("HireConfirmed", 3, status="withdrawn", reason="not_seeking", hire="confirmed"),
    _remote_answer("HireDisputed", 2, status="accepted", hire="disputed"),
    _answer("HireDisputed", 3, status="withdrawn", reason="learner_withdrew", hire="disputed", answered_by="learner"),
)
