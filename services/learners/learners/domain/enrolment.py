"""Enrolments: learners take seats in a cohort and work towards its credential (MARKET.md section 12)."""

from dataclasses import replace
from datetime import date

from contracts.vocabulary import AwardStatus
from learners.domain.award import Award
from learners.domain.cohort import Cohort, demand_planned
from learners.domain.errors import RuleBroken
from learners.domain.learner import Learner

#: Most learners of one cohort: cancelling it changes and announces each of them in one transaction.
MOST_ENROLLED = 500


def take_seat(cohort: Cohort, enrolled_here: int, today: date) -> Cohort:
    """`enrolled_here`: learners with a seat. Raises RuleBroken when it has ended or is full, NotPossible once cancelled."""
    demand_planned(cohort)
    if cohort.plan.ends_on <= today:
        raise RuleBroken("cohort_id", "ended", "the cohort has ended")
    if cohort.plan.enrolled >= cohort.plan.seats:
        raise RuleBroken("cohort_id", "full", "the cohort has no open seat")
    if enrolled_here >= MOST_ENROLLED:
        raise RuleBroken("cohort_id", "too_many", f"a cohort has at most {MOST_ENROLLED} learners")
    return _seated(cohort, 1)


def free_seat(cohort: Cohort) -> Cohort:
    """A cancelled cohort stays as it is: nobody needs its seats."""
    return cohort if cohort.cancelled else _seated(cohort, -1)


def check_newcomer(learner: Learner, credential: str, today: date) -> None:
    """A learner who has the credential, or works towards it, gets no seat; an expired one may be earned again.

    Raises RuleBroken.
    """
    for award in learner.awards:
        if award.credential == credential and award.status is AwardStatus.IN_PROGRESS:
            raise RuleBroken("learner_id", "in_progress", "the learner works towards the credential already")
        if award.credential == credential and _lasts(award, today):
            raise RuleBroken("learner_id", "held", "the learner holds the credential already")


def awards_with_seat(learner: Learner, cohort_id: str) -> list[Award]:
    """The awards that have a seat of the cohort, earned or in progress."""
    return [award for award in learner.awards if award.cohort_id == cohort_id]


def awards_in_progress(learner: Learner, cohort_id: str) -> list[Award]:
    return [award for award in awards_with_seat(learner, cohort_id) if award.status is AwardStatus.IN_PROGRESS]


def _lasts(award: Award, today: date) -> bool:
    return award.status is AwardStatus.ACTIVE and (award.dates.expires_on is None or today < award.dates.expires_on)


def _seated(cohort: Cohort, more: int) -> Cohort:
    plan = replace(cohort.plan, enrolled=cohort.plan.enrolled + more)
    return replace(cohort, plan=plan, version=cohort.version + 1)
