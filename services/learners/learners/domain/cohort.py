"""Cohorts: seats that a provider plans in a region, which will provide a credential (MARKET.md sections 12 and 14)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from learners.domain.errors import NotPossible, RuleBroken
from learners.domain.values import whole
from makersync.remarks import Remark

MOST_SEATS = 100_000
#: A start or end further away than FURTHEST is refused; one that is FAR_AHEAD, or longer than the LONGEST, is remarked on.
FURTHEST = timedelta(days=10 * 365)
FAR_AHEAD = timedelta(days=2 * 365)
LONGEST = timedelta(days=4 * 366)


class CohortEvent(StrEnum):
    PLANNED = "CohortPlanned"
    REVISED = "CohortRevised"
    CANCELLED = "CohortCancelled"


@dataclass(frozen=True, slots=True)
class CohortPlan:
    """What can change. `enrolled` also counts people who are not registered as learners here."""

    seats: int
    enrolled: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Cohort:
    """Its region and credential never change: a cohort that moves is cancelled and planned again."""

    cohort_id: str
    provider_id: str
    credential: str
    region: str
    plan: CohortPlan
    cancelled: bool = False
    version: int = 1


def check_plan(plan: CohortPlan, before: CohortPlan | None, today: date) -> CohortPlan:
    """Dates and seats that change are possible; those unchanged since `before` are not checked again. Raises RuleBroken."""
    whole("seats", plan.seats, 1, MOST_SEATS)
    whole("enrolled", plan.enrolled, 0, MOST_SEATS)
    if plan.ends_on < plan.starts_on:
        raise RuleBroken("ends_on", "before_start", "must not be before starts_on")
    if plan.enrolled > plan.seats and (before is None or (plan.enrolled, plan.seats) != (before.enrolled, before.seats)):
        raise RuleBroken("enrolled", "over_enrolled", "must not be above seats")
    if today - plan.starts_on > FURTHEST and (before is None or plan.starts_on != before.starts_on):
        raise RuleBroken("starts_on", "too_early", f"must not be more than {FURTHEST.days // 365} years ago")
    if plan.ends_on < today and (before is None or plan.ends_on != before.ends_on):
        raise RuleBroken("ends_on", "past_date", "must not be before today")
    if plan.ends_on - today > FURTHEST and (before is None or plan.ends_on != before.ends_on):
        raise RuleBroken("ends_on", "far_ahead", f"must not be more than {FURTHEST.days // 365} years ahead")
    return plan


def remarks_on(plan: CohortPlan, today: date) -> Iterator[Remark]:
    """What looks odd in a plan that keeps the rules."""
    if plan.enrolled == plan.seats:
        yield Remark("enrolled", "no_open_seat", "every seat is taken: the cohort offers none")
    if plan.starts_on - today > FAR_AHEAD:
        yield Remark("starts_on", "far_ahead", "is more than two years ahead")
    if plan.ends_on - plan.starts_on > LONGEST:
        yield Remark("ends_on", "long", "is more than four years after starts_on")


def revise(cohort: Cohort, plan: CohortPlan, enrolled_here: int, today: date) -> Cohort | None:
    """None when nothing changes. `enrolled_here`: learners with a seat. Raises RuleBroken, NotPossible once cancelled."""
    demand_planned(cohort)
    check_plan(plan, cohort.plan, today)
    if plan.enrolled < enrolled_here:
        raise RuleBroken("enrolled", "below_attending", "must not be below the number of learners enrolled here")
    return None if plan == cohort.plan else replace(cohort, plan=plan, version=cohort.version + 1)


def cancel(cohort: Cohort) -> Cohort:
    """Raises NotPossible once cancelled."""
    demand_planned(cohort)
    return replace(cohort, cancelled=True, version=cohort.version + 1)


def demand_planned(cohort: Cohort) -> None:
    if cohort.cancelled:
        raise NotPossible("cancelled", "the cohort has been cancelled")
