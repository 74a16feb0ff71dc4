"""Cohorts: seats that a provider plans in a region, which will provide a credential (MARKET.md sections 12 and 14)."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from learners.domain.errors import NotPossible, RuleBroken
from learners.domain.text import whole

MOST_SEATS = 100_000


class CohortEvent(StrEnum):
    PLANNED = "CohortPlanned"
    REVISED = "CohortRevised"
    CANCELLED = "CohortCancelled"


@dataclass(frozen=True, slots=True)
class Plan:
    """What can change. `enrolled` may exceed `seats`: an overbooked cohort has no open seats."""

    seats: int
    enrolled: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Cohort:
    """Its region and credential never change: a cohort that moves is cancelled and planned anew."""

    cohort_id: str
    provider_id: str
    credential: str
    region: str
    plan: Plan
    cancelled: bool = False
    version: int = 1


def check_plan(plan: Plan) -> Plan:
    """Raises RuleBroken."""
    whole("seats", plan.seats, 0, MOST_SEATS)
    whole("enrolled", plan.enrolled, 0, MOST_SEATS)
    if plan.ends_on < plan.starts_on:
        raise RuleBroken("ends_on", "before_start", "must not be before starts_on")
    return plan


def revise(cohort: Cohort, plan: Plan) -> Cohort | None:
    """None when nothing changes. Raises RuleBroken, NotPossible once cancelled."""
    _demand_planned(cohort)
    check_plan(plan)
    return None if plan == cohort.plan else replace(cohort, plan=plan, version=cohort.version + 1)


def cancel(cohort: Cohort) -> Cohort:
    """Raises NotPossible once cancelled."""
    _demand_planned(cohort)
    return replace(cohort, cancelled=True, version=cohort.version + 1)


def _demand_planned(cohort: Cohort) -> None:
    if cohort.cancelled:
        raise NotPossible("cancelled", "the cohort has been cancelled")
