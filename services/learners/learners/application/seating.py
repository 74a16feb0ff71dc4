"""Seats of cohorts that become free, whatever the reason."""

from collections.abc import Iterable

from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.award import Award
from learners.domain.cohort import Cohort, CohortEvent
from learners.domain.enrolment import free_seat


async def free_seats(uow: LearnersUnitOfWork, gone: Iterable[Award]) -> None:
    """Free the seats of awards that are gone. Claim their learner first: cohorts are claimed last, to avoid deadlocks."""
    for cohort_id in sorted(award.cohort_id for award in gone if award.cohort_id is not None):
        cohort = await uow.cohorts.claim(cohort_id)
        await save_seats(uow, cohort, free_seat(cohort))


async def save_seats(uow: LearnersUnitOfWork, before: Cohort, after: Cohort) -> Cohort:
    """Save and announce what changed; without a change nothing is written. Raises Stale."""
    if after != before:
        await uow.cohorts.save(after)
        await uow.announce.cohort(after, CohortEvent.REVISED)
    return after
