"""A provider plans, revises and cancels cohorts; what its learners work towards in them follows."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from learners.application.awarding import with_evidence
from learners.application.errors import Stale
from learners.application.ports import Expectation, LearnersUnitOfWork
from learners.application.registration import keep
from learners.application.retiring import demand_current
from learners.domain import award as awards
from learners.domain import cohort as cohorts
from learners.domain.cohort import Cohort, CohortEvent, Plan
from learners.domain.errors import RuleBroken
from learners.domain.learner import Learner, LearnerEvent, remove_award, replace_award
from makersync.identifiers import new_id


async def plan_cohort(desk: LearnersUnitOfWork, provider_id: str, credential: str, region: str, plan: Plan) -> Cohort:
    """Raises RuleBroken."""
    cohorts.check_plan(plan, None, desk.clock.today())
    if await desk.catalog.credential(credential) is None:
        raise RuleBroken("credential", "unknown", "is not a credential of the catalog")
    await demand_current(desk, credential)
    if region not in desk.places.regions():
        raise RuleBroken("region", "unknown", "is not a region of the reference table")
    cohort = Cohort(new_id("coh", desk.clock.now()), provider_id, credential, region, plan)
    await desk.cohorts.add(cohort)
    await desk.announce.cohort(cohort, CohortEvent.PLANNED)
    return cohort


async def revise_cohort(
    desk: LearnersUnitOfWork, cohort_id: str, expects: Expectation, rewrite: Callable[[Plan], Plan]
) -> Cohort:
    """Another end is expected of every learner who is under way. Raises Absent, RuleBroken, NotPossible, Stale."""
    cohort, learners = await _cohort_at(desk, cohort_id, expects)
    revised = cohorts.revise(cohort, rewrite(cohort.plan), _seats_held(cohort_id, learners), desk.clock.today())
    if revised is None:
        return cohort
    await desk.cohorts.save(revised)
    await desk.announce.cohort(revised, CohortEvent.REVISED)
    if revised.plan.ends_on != cohort.plan.ends_on:
        for learner in learners:
            await _expect_at_end(desk, learner, revised)
    return revised


async def cancel_cohort(desk: LearnersUnitOfWork, cohort_id: str, expects: Expectation) -> Cohort:
    """Nobody is under way in it any more; what was earned in it stays. Raises Absent, NotPossible, Stale."""
    cohort, learners = await _cohort_at(desk, cohort_id, expects)
    leaving = [(learner, award) for learner in learners for award in cohorts.under_way(learner, cohort_id)]
    emptied = replace(cohort.plan, enrolled=cohort.plan.enrolled - len(leaving))
    cancelled = cohorts.cancel(replace(cohort, plan=emptied))
    await desk.cohorts.save(cancelled)
    await desk.announce.cohort(cancelled, CohortEvent.CANCELLED)
    for learner, award in leaving:
        await keep(desk, learner, remove_award(learner, award.award_id))
    return cancelled


async def _cohort_at(desk: LearnersUnitOfWork, cohort_id: str, expects: Expectation) -> tuple[Cohort, Sequence[Learner]]:
    """The cohort at a version that the caller knows, and its learners; all held, the cohort last, as everywhere."""
    learners = await desk.learners.of_cohort(cohort_id)
    cohort = await desk.cohorts.hold(cohort_id)
    expects(cohort.version)
    if await desk.cohorts.attending(cohort_id) != _seats_held(cohort_id, learners):
        raise Stale  # somebody was enrolled between the two
    return cohort, learners


def _seats_held(cohort_id: str, learners: Sequence[Learner]) -> int:
    return sum(len(cohorts.attended(learner, cohort_id)) for learner in learners)


async def _expect_at_end(desk: LearnersUnitOfWork, learner: Learner, cohort: Cohort) -> None:
    for award in cohorts.under_way(learner, cohort.cohort_id):
        dates = replace(award.dates, expected_on=cohort.plan.ends_on)
        moved = await with_evidence(desk, learner.provider_id, awards.correct(award, dates, desk.clock.now()))
        learner = await keep(desk, learner, replace_award(learner, moved, LearnerEvent.AWARD_CORRECTED))
