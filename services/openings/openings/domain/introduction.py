"""An introduction as this service has it: what the employer asks, and the newest answer from the learner's side (decision
0060)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from contracts.introduction_status import IntroductionStanding, SideState, introduction_standing
from openings.domain.shortlist import GroupResult

#: What the learner's side ends an introduction with when nothing about the learner may be kept.
FORGETTING_REASONS = frozenset({"erased", "consent_withdrawn"})
#: The learner's side has said no: the same opening does not ask again.
REFUSALS = frozenset({"declined", "learner_withdrew"})


class RequestStatus(StrEnum):
    """What the employer's side says. Whether the introduction still goes on, the answer decides with it."""

    ASKED = "asked"
    WITHDRAWN = "withdrawn"
    HIRED = "hired"
    NOT_HIRED = "not_hired"


class NotHiredReason(StrEnum):
    """Why nobody was hired."""

    CHOSE_ANOTHER = "chose_another"
    REQUIREMENTS_NOT_MET = "requirements_not_met"
    NO_AGREEMENT_ON_PAY = "no_agreement_on_pay"
    NO_SHOW = "no_show"
    CANDIDATE_DECLINED = "candidate_declined"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedJob:
    """The job as it stood when the employer asked. Wages are US cents an hour."""

    title: str
    employer_name: str
    zip: str | None = None
    remote: bool = False
    wage_min: int | None = None
    wage_max: int | None = None
    start_by: date | None = None


@dataclass(frozen=True, slots=True)
class ContactCapability:
    """The right to read a learner's contact in the learners service. `digest` is the SHA-256 of the token, in hexadecimal."""

    digest: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedAnswer:
    """The newest event of the learner's side."""

    version: int
    status: str
    reason: str | None
    provider_name: str
    answered_by: str
    answered_at: datetime
    hire: str | None

    @property
    def is_no(self) -> bool:
        return self.status in REFUSALS or self.reason in REFUSALS


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionRequest:
    """An introduction at one version of the employer's side. `refused`: an answer was no, whatever has been answered since."""

    introduction_id: str
    opening_id: str
    learner_id: str
    employer_id: str
    provider_id: str
    region: str
    version: int
    status: RequestStatus
    reason: str | None
    asked_at: datetime
    answer_by: date
    job: OfferedJob
    outcomes: tuple[GroupResult, ...]
    message: str | None
    contact: str | None
    access: ContactCapability | None
    hired_on: date | None
    changed_at: datetime
    answer: ReceivedAnswer | None = None
    refused: bool = False

    @property
    def standing(self) -> IntroductionStanding:
        answer = self.answer
        return introduction_standing(
            SideState(self.status, self.reason), None if answer is None else SideState(answer.status, answer.reason)
        )

    @property
    def shown_version(self) -> int:
        """Grows with every change of either side."""
        return self.version + (0 if self.answer is None else self.answer.version)


@dataclass(frozen=True, slots=True)
class IntroductionLimits:
    """What an operator sets: how many candidates an opening may ask for in 24 hours, how long a capability works, and the
    public address of the learners service, without a slash at its end."""

    a_day: int
    access: timedelta
    learners_address: str
