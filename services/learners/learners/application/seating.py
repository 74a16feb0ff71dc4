"""Seats of cohorts that learners give up, whatever made them."""

from collections.abc import Iterable

from learners.application.ports import LearnersUnitOfWork
from learners.domain.award import Award
from learners.domain.cohort import Cohort, CohortEvent, free_seat


async def free_seats(desk: LearnersUnitOfWork, gone: Iterable[Award]) -> None:
    """The awards are no more: the seats that they held are open. Hold their learner first: cohorts are always held last."""
    for cohort_id in sorted(award.cohort_id for award in gone if award.cohort_id is not None):
        cohort = await desk.cohorts.hold(cohort_id)
        await keep_seats(desk, cohort, free_seat(cohort))


async def keep_seats(desk: LearnersUnitOfWork, before: Cohort, after: Cohort) -> Cohort:
    """Save and announce what changed; without a change nothing is written. Raises Stale."""
    if after != before:
        await desk.cohorts.save(after)
        await desk.announce.cohort(after, CohortEvent.REVISED)
    return after
