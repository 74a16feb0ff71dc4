"""Providers plan, revise and cancel cohorts; the awards in progress of their learners follow."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from learners.application.awarding import with_evidence
from learners.application.changing import save_change
from learners.application.retiring import demand_current
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain import award as awards
from learners.domain import cohort as cohorts
from learners.domain import enrolment as enrolments
from learners.domain.cohort import Cohort, CohortEvent, CohortPlan
from learners.domain.errors import RuleBroken, Stale
from learners.domain.learner import Learner, LearnerEvent, remove_award, replace_award
from makersync.identifiers import new_id


async def plan_cohort(uow: LearnersUnitOfWork, provider_id: str, credential: str, region: str, plan: CohortPlan) -> Cohort:
    """Raises RuleBroken."""
    cohorts.check_plan(plan, None, uow.clock.today())
    if await uow.catalog.credential(credential) is None:
        raise RuleBroken("credential", "unknown", "is not a credential of the catalog")
    await demand_current(uow, credential)
    if region not in uow.places.regions():
        raise RuleBroken("region", "unknown", "is not a region of the reference table")
    cohort = Cohort(new_id("coh", uow.clock.now()), provider_id, credential, region, plan)
    await uow.cohorts.add(cohort)
    await uow.announce.cohort(cohort, CohortEvent.PLANNED)
    await uow.feeds.concern(provider_id, region)
    return cohort


async def revise_cohort(
    uow: LearnersUnitOfWork, cohort_id: str, expects: Expectation, rewrite: Callable[[CohortPlan], CohortPlan]
) -> Cohort:
    """A new end date moves the expected date of every award in progress. Raises Absent, RuleBroken, NotPossible, Stale."""
    cohort, learners = await _cohort_at(uow, cohort_id, expects)
    revised = cohorts.revise(cohort, rewrite(cohort.plan), _count_seats(cohort_id, learners), uow.clock.today())
    if revised is None:
        return cohort
    await uow.cohorts.save(revised)
    await uow.announce.cohort(revised, CohortEvent.REVISED)
    if revised.plan.ends_on != cohort.plan.ends_on:
        for learner in learners:
            await _expect_at_end(uow, learner, revised)
    return revised


async def cancel_cohort(uow: LearnersUnitOfWork, cohort_id: str, expects: Expectation) -> Cohort:
    """Awards in progress are removed; what was earned stays. Raises Absent, NotPossible, Stale."""
    cohort, learners = await _cohort_at(uow, cohort_id, expects)
    leaving = [(learner, award) for learner in learners for award in enrolments.awards_in_progress(learner, cohort_id)]
    emptied = replace(cohort.plan, enrolled=cohort.plan.enrolled - len(leaving))
    cancelled = cohorts.cancel(replace(cohort, plan=emptied))
    await uow.cohorts.save(cancelled)
    await uow.announce.cohort(cancelled, CohortEvent.CANCELLED)
    for learner, award in leaving:
        await save_change(uow, learner, remove_award(learner, award.award_id))
    return cancelled


async def _cohort_at(uow: LearnersUnitOfWork, cohort_id: str, expects: Expectation) -> tuple[Cohort, Sequence[Learner]]:
    """Claim the cohort at a version that the caller knows, and its learners. As everywhere, the cohort is claimed last."""
    learners = await uow.learners.claim_of_cohort(cohort_id)
    cohort = await uow.cohorts.claim(cohort_id)
    expects(cohort.version)
    if await uow.cohorts.count_enrolled(cohort_id) != _count_seats(cohort_id, learners):
        raise Stale  # a learner was enrolled between the two claims
    return cohort, learners


def _count_seats(cohort_id: str, learners: Sequence[Learner]) -> int:
    return sum(len(enrolments.awards_with_seat(learner, cohort_id)) for learner in learners)


async def _expect_at_end(uow: LearnersUnitOfWork, learner: Learner, cohort: Cohort) -> None:
    for award in enrolments.awards_in_progress(learner, cohort.cohort_id):
        dates = replace(award.dates, expected_on=cohort.plan.ends_on)
        moved = await with_evidence(uow, learner.provider_id, awards.correct(award, dates, uow.clock.now()))
        learner = await save_change(uow, learner, replace_award(learner, moved, LearnerEvent.AWARD_CORRECTED))
