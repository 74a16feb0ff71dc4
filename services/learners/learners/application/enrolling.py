"""Providers enrol their learners in their cohorts, and withdraw them."""

from dataclasses import replace

from contracts.vocabulary import AwardStatus
from learners.application.awarding import with_evidence
from learners.application.changing import save_change
from learners.application.seating import save_seats
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain import award as awards
from learners.domain import enrolment as enrolments
from learners.domain.award import Award, AwardDates
from learners.domain.cohort import Cohort
from learners.domain.errors import Absent, NotPossible, RuleBroken
from learners.domain.learner import Learner, add_award, remove_award
from makersync.identifiers import new_id


async def enrol(uow: LearnersUnitOfWork, cohort_id: str, learner_id: str) -> tuple[Learner, Award]:
    """Take a seat for the learner, who gets an award in progress that is expected when the cohort ends.

    Raises Absent, RuleBroken, NotPossible, Stale.
    """
    credential, now = (await uow.cohorts.get(cohort_id)).credential, uow.clock.now()
    learner = await _own_learner(uow, learner_id)
    enrolments.check_newcomer(learner, credential, uow.clock.today())
    cohort = await uow.cohorts.claim(cohort_id)
    seated = enrolments.take_seat(cohort, await uow.cohorts.count_enrolled(cohort_id), uow.clock.today())
    dates = AwardDates(expected_on=cohort.plan.ends_on)
    award = awards.record(new_id("awd", now), credential, AwardStatus.IN_PROGRESS, dates, now)
    award = await with_evidence(uow, learner.provider_id, replace(award, cohort_id=cohort_id))
    changed = await save_change(uow, learner, add_award(learner, award))
    await save_seats(uow, cohort, seated)
    return changed, award


async def withdraw(uow: LearnersUnitOfWork, cohort_id: str, learner_id: str, expects: Expectation) -> Cohort:
    """Remove the award in progress and free the seat. Raises Absent, NotPossible, Stale."""
    await uow.cohorts.get(cohort_id)
    learner = await uow.learners.claim(learner_id)
    cohort = await uow.cohorts.claim(cohort_id)
    expects(cohort.version)
    await save_change(uow, learner, remove_award(learner, _award_in_progress(learner, cohort_id).award_id))
    return await save_seats(uow, cohort, enrolments.free_seat(cohort))


async def _own_learner(uow: LearnersUnitOfWork, learner_id: str) -> Learner:
    try:
        return await uow.learners.claim(learner_id)
    except Absent:
        raise RuleBroken("learner_id", "unknown", "is not a learner of the provider") from None


def _award_in_progress(learner: Learner, cohort_id: str) -> Award:
    if not enrolments.awards_with_seat(learner, cohort_id):
        raise Absent
    for award in enrolments.awards_in_progress(learner, cohort_id):
        return award
    raise NotPossible("completed", "what the learner was enrolled for is recorded as earned")
