"""A learner: reach, availability, consent and awards, and how they change (MARKET.md sections 1 and 4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from learners.domain.award import Award
from learners.domain.errors import NotPossible, RuleBroken
from learners.domain.values import whole
from makersync.remarks import Remark
from reference.pay import MedianWages, PayLimits
from reference.places import Places

SHIFTS = ("day", "evening", "night", "weekend", "rotating")
LEAST_REACH_KM, MOST_REACH_KM, DEFAULT_REACH_KM = 1, 300, 40
#: US cents an hour. Far above any wage, and within the integers of every database and reader.
MOST_WAGE = 10_000_000
#: An event carries every award of its learner; this bounds it far below what a broker takes.
MOST_AWARDS = 200
#: Nobody plans further ahead to begin work.
FURTHEST = timedelta(days=5 * 365)
EARLIEST_SEARCH = date(2000, 1, 1)
_ZIP = re.compile(r"[0-9]{5}", re.ASCII)


class LearnerEvent(StrEnum):
    """What happened to a learner: the short names of the event types of `learners.learner.v1`."""

    REGISTERED = "LearnerRegistered"
    REVISED = "LearnerRevised"
    AVAILABILITY_CHANGED = "AvailabilityChanged"
    CONSENT_GIVEN = "ConsentGiven"
    CONSENT_WITHDRAWN = "ConsentWithdrawn"
    AWARD_RECORDED = "AwardRecorded"
    AWARD_RENEWED = "AwardRenewed"
    AWARD_SUSPENDED = "AwardSuspended"
    AWARD_REINSTATED = "AwardReinstated"
    AWARD_REVOKED = "AwardRevoked"
    AWARD_CORRECTED = "AwardCorrected"
    AWARD_VERIFIED = "AwardVerified"
    AWARD_REMOVED = "AwardRemoved"
    WITHDRAWN = "LearnerWithdrawn"
    ERASED = "LearnerErased"


@dataclass(frozen=True, slots=True)
class Reach:
    zip: str
    reach_km: int = DEFAULT_REACH_KM
    remote_ok: bool = False


@dataclass(frozen=True, slots=True)
class Availability:
    """`shifts` empty: any. `wage_floor` in US cents an hour. `seeking_since` is known only while seeking."""

    seeking: bool = False
    seeking_since: date | None = None
    available_from: date | None = None
    shifts: tuple[str, ...] = ()
    wage_floor: int | None = None


@dataclass(frozen=True, slots=True)
class Learner:
    """`version` grows by one with each change, and each change is one event in every region of the reach. `home` is the region
    of the ZIP code, and `regions` are those that it was published to last."""

    learner_id: str
    provider_id: str
    reach: Reach
    availability: Availability
    consents: bool
    awards: tuple[Award, ...] = ()
    home: str = ""
    regions: tuple[str, ...] = ()
    version: int = 1

    def award(self, award_id: str) -> Award | None:
        return next((award for award in self.awards if award.award_id == award_id), None)


@dataclass(frozen=True, slots=True)
class LearnerChange:
    """A learner's new state and what made it."""

    learner: Learner
    kind: LearnerEvent


def check_reach(reach: Reach) -> Reach:
    """Raises RuleBroken. Whether the ZIP code exists is checked against the reference table elsewhere."""
    if not _ZIP.fullmatch(reach.zip):
        raise RuleBroken("zip", "zip", "is five digits")
    whole("reach_km", reach.reach_km, LEAST_REACH_KM, MOST_REACH_KM)
    return reach


def check_availability(wanted: Availability, before: Availability, today: date, pay: PayLimits) -> Availability:
    """The availability to store: shifts once and in order; a search begins on the day on which the service learns of it.

    Raises RuleBroken.
    """
    unknown = next((position for position, shift in enumerate(wanted.shifts) if shift not in SHIFTS), None)
    if unknown is not None:
        raise RuleBroken(f"shifts.{unknown}", "unknown", f"is one of {', '.join(SHIFTS)}")
    if wanted.wage_floor is not None:
        _check_wage_floor(wanted.wage_floor, before.wage_floor, pay)
    if wanted.available_from is not None and wanted.available_from != before.available_from:
        _check_day(wanted.available_from, today)
    shifts = tuple(shift for shift in SHIFTS if shift in wanted.shifts)
    return replace(wanted, shifts=shifts, seeking_since=_seeking_since(wanted, before, today))


def remarks_on(availability: Availability, medians: MedianWages) -> Iterator[Remark]:
    """What looks odd in an availability that keeps the rules."""
    floor = availability.wage_floor
    if floor is not None and medians.far_off(floor, floor, None) == "far_above_median":
        yield Remark("wage_floor", "far_above_median", medians.words("far_above_median", None))


def _check_wage_floor(cents: int, before: int | None, pay: PayLimits) -> None:
    whole("wage_floor", cents, 0, MOST_WAGE)
    if cents != before and (detail := pay.broken_by(cents)):
        raise RuleBroken("wage_floor", "pay_range", detail)


def _check_day(available_from: date, today: date) -> None:
    if available_from < EARLIEST_SEARCH:
        raise RuleBroken("available_from", "too_early", f"must not be before {EARLIEST_SEARCH.isoformat()}")
    if available_from - today > FURTHEST:
        raise RuleBroken("available_from", "far_ahead", f"must not be more than {FURTHEST.days // 365} years ahead")


def _seeking_since(wanted: Availability, before: Availability, today: date) -> date | None:
    """It decides ties, so providers cannot choose it: a given value must be the one that would be stored anyway."""
    stands = None
    if wanted.seeking:
        stands = before.seeking_since if before.seeking and before.seeking_since is not None else today
    if wanted.seeking_since not in (None, before.seeking_since, stands):
        raise RuleBroken("seeking_since", "set_by_service", "is the day on which the service learned of it: leave it out")
    return stands


def import_seeking_since(learner: Learner, day: date, today: date) -> LearnerChange | None:
    """An earlier beginning of the search, as an operator knows it from elsewhere; None when nothing changes.

    Raises RuleBroken for a day to come or before `EARLIEST_SEARCH`, NotPossible for a learner who does not seek.
    """
    if not learner.availability.seeking:
        raise NotPossible("not_seeking", "the learner does not seek")
    if not EARLIEST_SEARCH <= day <= today:
        raise RuleBroken("seeking_since", "out_of_range", f"must be from {EARLIEST_SEARCH.isoformat()} to today")
    return revise(learner, learner.reach, replace(learner.availability, seeking_since=day), person_changed=False)


def revise(learner: Learner, reach: Reach, availability: Availability, person_changed: bool) -> LearnerChange | None:
    """None when nothing changes. A changed person is a version too: it must not be overwritten unseen."""
    if reach != learner.reach or person_changed:
        kind = LearnerEvent.REVISED
    elif availability != learner.availability:
        kind = LearnerEvent.AVAILABILITY_CHANGED
    else:
        return None
    return LearnerChange(_next(replace(learner, reach=reach, availability=availability)), kind)


def placed(learner: Learner, places: Places) -> Learner:
    """The learner with the home and the regions that the table of places gives for the ZIP code. Raises UnknownZip."""
    reach = learner.reach
    regions = places.reach(reach.zip, reach.reach_km, reach.remote_ok)
    return replace(learner, home=places.point(reach.zip).region, regions=regions)


def placed_again(learner: Learner) -> LearnerChange:
    """The same learner, to be announced to other regions after the table of places changed."""
    return LearnerChange(_next(learner), LearnerEvent.REVISED)


def set_consent(learner: Learner, consents: bool) -> LearnerChange | None:
    """None when it is so already."""
    if consents == learner.consents:
        return None
    kind = LearnerEvent.CONSENT_GIVEN if consents else LearnerEvent.CONSENT_WITHDRAWN
    return LearnerChange(_next(replace(learner, consents=consents)), kind)


def add_award(learner: Learner, award: Award) -> LearnerChange:
    if len(learner.awards) >= MOST_AWARDS:
        raise RuleBroken("credential", "too_many", f"a learner has at most {MOST_AWARDS} awards")
    return LearnerChange(_next(replace(learner, awards=(*learner.awards, award))), LearnerEvent.AWARD_RECORDED)


def replace_award(learner: Learner, award: Award, kind: LearnerEvent) -> LearnerChange | None:
    """None when the award is as it was."""
    if award in learner.awards:
        return None
    awards = tuple(award if one.award_id == award.award_id else one for one in learner.awards)
    return LearnerChange(_next(replace(learner, awards=awards)), kind)


def remove_award(learner: Learner, award_id: str) -> LearnerChange:
    awards = tuple(award for award in learner.awards if award.award_id != award_id)
    return LearnerChange(_next(replace(learner, awards=awards)), LearnerEvent.AWARD_REMOVED)


def announcements(before: tuple[str, ...], changed: LearnerChange) -> Iterator[tuple[str, LearnerEvent]]:
    """What is announced to each region: to those of the reach what happened, to those that were left a withdrawal."""
    for region in changed.learner.regions:
        yield region, changed.kind
    for region in before:
        if region not in changed.learner.regions:
            yield region, LearnerEvent.WITHDRAWN


def _next(learner: Learner) -> Learner:
    return replace(learner, version=learner.version + 1)
