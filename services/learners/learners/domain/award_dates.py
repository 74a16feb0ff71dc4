"""The dates of awards against the calendar: impossible ones are refused, odd ones are remarked on."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum

from contracts.vocabulary import AwardStatus
from learners.domain.award import Award, AwardDates
from learners.domain.errors import RuleBroken
from makersync.remarks import Remark

#: An earlier day is a mistyped year: no holder would still be at work.
EARLIEST = date(1950, 1, 1)
_YEAR = timedelta(days=366)
#: How far ahead each date can lie.
FURTHEST = {"issued_on": timedelta(0), "expires_on": 60 * _YEAR, "expected_on": 10 * _YEAR}
#: Longer than any credential of the reference catalog is valid, or takes.
FAR_AHEAD = {"expires_on": 20 * _YEAR, "expected_on": 5 * _YEAR}


class NotInForce(StrEnum):
    """Why an award counts for nothing on a day (MARKET.md section 4)."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    IN_PROGRESS = "in_progress"
    ISSUE_UNKNOWN = "issue_unknown"
    NOT_YET_ISSUED = "not_yet_issued"
    EXPIRED = "expired"


def why_not_in_force(award: Award, day: date) -> NotInForce | None:
    """None while it is in force."""
    if award.status is not AwardStatus.ACTIVE:
        return NotInForce(award.status.value)
    if award.dates.issued_on is None:
        return NotInForce.ISSUE_UNKNOWN
    if award.dates.issued_on > day:
        return NotInForce.NOT_YET_ISSUED
    if award.dates.expires_on is not None and award.dates.expires_on <= day:
        return NotInForce.EXPIRED
    return None


def days_left(award: Award, day: date) -> int | None:
    """How many days, the given one included, an award counts that is in force then; None for one that is not, or has no end."""
    if award.dates.expires_on is None or why_not_in_force(award, day) is not None:
        return None
    return (award.dates.expires_on - day).days


def check_new_dates(dates: AwardDates, before: AwardDates, today: date) -> None:
    """Dates that change are possible; unchanged ones are not checked again. Raises RuleBroken."""
    for name, furthest in FURTHEST.items():
        day = getattr(dates, name)
        if day is None or day == getattr(before, name):
            continue
        if day < EARLIEST:
            raise RuleBroken(name, "too_early", f"must not be before {EARLIEST.isoformat()}")
        if name == "issued_on" and day > today:
            raise RuleBroken(name, "future", "must not be after today: what is still to be earned is recorded as in_progress")
        if day - today > furthest:
            raise RuleBroken(name, "far_ahead", f"must not be more than {furthest // _YEAR} years ahead")


def remarks_on(award: Award, awards: Iterable[Award], today: date) -> Iterator[Remark]:
    """What looks odd in an award that keeps the rules. `awards`: all of its learner."""
    dates, occasion = award.dates, _occasion(award)
    for other in awards:
        if other.award_id != award.award_id and other.status is not AwardStatus.REVOKED and _occasion(other) == occasion:
            yield Remark("credential", "same_award", f"the learner has it of that day already, as award {other.award_id}")
    if award.status is AwardStatus.ACTIVE and dates.issued_on is None:
        yield Remark("issued_on", "issue_unknown", "is unknown: the award is not in force until it is known")
    if dates.expires_on is not None and dates.expires_on <= today:
        yield Remark("expires_on", "expired", "has come: the award is not in force")
    if dates.expected_on is not None and dates.expected_on < today:
        yield Remark("expected_on", "overdue", "has passed")
    for name, far in FAR_AHEAD.items():
        day = getattr(dates, name)
        if day is not None and day - today > far:
            yield Remark(name, "far_ahead", f"is more than {far // _YEAR} years ahead")


def _occasion(award: Award) -> tuple[str, bool, date | None]:
    return award.credential, award.status is AwardStatus.IN_PROGRESS, award.dates.issued_on
