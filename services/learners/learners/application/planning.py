"""A provider plans, revises and cancels cohorts."""

from collections.abc import Callable

from learners.application.identifiers import new_id
from learners.application.ports import Desk, Expectation
from learners.domain import cohort as cohorts
from learners.domain.cohort import Cohort, CohortEvent, Plan
from learners.domain.errors import RuleBroken


async def plan_cohort(desk: Desk, provider_id: str, credential: str, region: str, plan: Plan) -> Cohort:
    """Raises RuleBroken."""
    cohorts.check_plan(plan)
    if await desk.catalog.credential(credential) is None:
        raise RuleBroken("credential", "unknown", "is not a credential of the catalog")
    if region not in desk.places.regions():
        raise RuleBroken("region", "unknown", "is not a region of the reference table")
    cohort = Cohort(new_id("coh", desk.clock.now()), provider_id, credential, region, plan)
    await desk.cohorts.add(cohort)
    await desk.announce.cohort(cohort, CohortEvent.PLANNED)
    return cohort


async def revise_cohort(desk: Desk, cohort_id: str, expects: Expectation, rewrite: Callable[[Plan], Plan]) -> Cohort:
    """Raises Absent, RuleBroken, NotPossible, Stale."""
    cohort = await desk.cohorts.get(cohort_id)
    expects(cohort.version)
    revised = cohorts.revise(cohort, rewrite(cohort.plan))
    if revised is None:
        return cohort
    await desk.cohorts.save(revised)
    await desk.announce.cohort(revised, CohortEvent.REVISED)
    return revised


async def cancel_cohort(desk: Desk, cohort_id: str, expects: Expectation) -> Cohort:
    """Raises Absent, NotPossible, Stale."""
    cohort = await desk.cohorts.get(cohort_id)
    expects(cohort.version)
    cancelled = cohorts.cancel(cohort)
    await desk.cohorts.save(cancelled)
    await desk.announce.cohort(cancelled, CohortEvent.CANCELLED)
    return cancelled
