"""Awards and what can happen to them (MARKET.md section 4). Every function returns the new award or raises."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from contracts.vocabulary import AwardStatus, Evidence
from learners.domain.errors import NotPossible, RuleBroken
from learners.domain.values import after


@dataclass(frozen=True, slots=True)
class AwardDates:
    """Unknown dates are None. `valid_months` of the definition informs people: no date is derived from it."""

    issued_on: date | None = None
    expires_on: date | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Award:
    """`vouched_at` is when the provider last answered for it (recorded, completed, renewed, reinstated): an accreditation
    that was in force then makes it verified. `cohort_id`: the cohort that it was enrolled in for, whose seat it holds."""

    award_id: str
    credential: str
    status: AwardStatus
    dates: AwardDates
    evidence: Evidence
    vouched_at: datetime
    cohort_id: str | None = None


@dataclass(frozen=True, slots=True)
class EndingAward:
    """An award in force that has an end, and whose it is. `expires_on` is the first day on which it does not count."""

    award_id: str
    learner_id: str
    provider_id: str
    credential: str
    evidence: Evidence
    expires_on: date
    learner_version: int


def record(award_id: str, credential: str, status: AwardStatus, dates: AwardDates, at: datetime) -> Award:
    """A new award, attested until its evidence is derived. Raises RuleBroken."""
    if status not in (AwardStatus.ACTIVE, AwardStatus.IN_PROGRESS):
        raise RuleBroken("status", "not_at_first", "an award begins as active or in_progress")
    _check_dates(status, dates)
    return Award(award_id, credential, status, dates, Evidence.ATTESTED, at)


def renew(award: Award, expires_on: date, at: datetime) -> Award:
    """Raises RuleBroken when the new end is not later, NotPossible unless active."""
    _demand(award, "renew", AwardStatus.ACTIVE)
    after("expires_on", expires_on, award.dates.issued_on, "issued_on")
    after("expires_on", expires_on, award.dates.expires_on, "the present expires_on")
    return replace(award, dates=replace(award.dates, expires_on=expires_on), vouched_at=at)


def suspend(award: Award) -> Award:
    _demand(award, "suspend", AwardStatus.ACTIVE)
    return replace(award, status=AwardStatus.SUSPENDED)


def reinstate(award: Award, at: datetime) -> Award:
    _demand(award, "reinstate", AwardStatus.SUSPENDED)
    return replace(award, status=AwardStatus.ACTIVE, vouched_at=at)


def revoke(award: Award) -> Award:
    """For good. What was never earned is removed instead."""
    _demand(award, "revoke", AwardStatus.ACTIVE, AwardStatus.SUSPENDED)
    return replace(award, status=AwardStatus.REVOKED)


def complete(award: Award, issued_on: date, expires_on: date | None, at: datetime) -> Award:
    """What was in progress is earned. Raises RuleBroken, NotPossible."""
    _demand(award, "complete", AwardStatus.IN_PROGRESS)
    dates = AwardDates(issued_on=issued_on, expires_on=expires_on)
    _check_dates(AwardStatus.ACTIVE, dates)
    return replace(award, status=AwardStatus.ACTIVE, dates=dates, vouched_at=at)


def correct(award: Award, dates: AwardDates, at: datetime) -> Award:
    """Other dates, because the recorded ones were wrong. Raises RuleBroken, NotPossible once revoked."""
    _demand(award, "correct", AwardStatus.ACTIVE, AwardStatus.IN_PROGRESS, AwardStatus.SUSPENDED)
    _check_dates(award.status, dates)
    return award if dates == award.dates else replace(award, dates=dates, vouched_at=at)


def _demand(award: Award, action: str, *allowed: AwardStatus) -> None:
    if award.status not in allowed:
        raise NotPossible("award_status", f"cannot {action} an award that is {award.status}")


def _check_dates(status: AwardStatus, dates: AwardDates) -> None:
    if status is AwardStatus.IN_PROGRESS:
        for field in ("issued_on", "expires_on"):
            if getattr(dates, field) is not None:
                raise RuleBroken(field, "not_in_progress", "is unknown while the award is in progress")
    elif dates.expected_on is not None:
        raise RuleBroken("expected_on", "only_in_progress", "is for awards in progress")
    after("expires_on", dates.expires_on, dates.issued_on, "issued_on")
