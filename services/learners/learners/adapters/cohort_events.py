"""The events of cohorts."""

from contracts.learners import CohortEnded, CohortState
from learners.domain.cohort import Cohort


def cohort_state(cohort: Cohort) -> CohortState | CohortEnded:
    if cohort.cancelled:
        return CohortEnded(cohort_id=cohort.cohort_id, region=cohort.region)
    return CohortState(
        cohort_id=cohort.cohort_id,
        provider_id=cohort.provider_id,
        credential=cohort.credential,
        region=cohort.region,
        seats=cohort.plan.seats,
        enrolled=cohort.plan.enrolled,
        starts_on=cohort.plan.starts_on,
        ends_on=cohort.plan.ends_on,
    )
