"""Seats of cohorts that learners give up, whatever made them."""

from collections.abc import Iterable

from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.award import Award
from learners.domain.cohort import Cohort, CohortEvent
from learners.domain.enrolment import free_seat


async def free_seats(uow: LearnersUnitOfWork, gone: Iterable[Award]) -> None:
    """The awards are no more: the seats that they held are open. Hold their learner first: cohorts are always held last."""
    for cohort_id in sorted(award.cohort_id for award in gone if award.cohort_id is not None):
        cohort = await uow.cohorts.claim(cohort_id)
        await keep_seats(uow, cohort, free_seat(cohort))


async def keep_seats(uow: LearnersUnitOfWork, before: Cohort, after: Cohort) -> Cohort:
    """Save and announce what changed; without a change nothing is written. Raises Stale."""
    if after != before:
        await uow.cohorts.save(after)
        await uow.announce.cohort(after, CohortEvent.REVISED)
    return after
