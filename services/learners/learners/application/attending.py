"""A provider enrols its learners in its cohorts, and withdraws them."""

from dataclasses import replace

from learners.application.awarding import with_evidence
from learners.application.errors import Absent
from learners.application.ports import Expectation, LearnersUnitOfWork
from learners.application.registration import keep
from learners.application.seating import keep_seats
from learners.domain import award as awards
from learners.domain import cohort as cohorts
from learners.domain.award import Award, AwardDates, AwardStatus
from learners.domain.cohort import Cohort
from learners.domain.errors import NotPossible, RuleBroken
from learners.domain.learner import Learner, add_award, remove_award
from makersync.identifiers import new_id


async def enrol(desk: LearnersUnitOfWork, cohort_id: str, learner_id: str) -> tuple[Learner, Award]:
    """A seat is taken, and its learner works towards the credential until the cohort ends. Raises Absent, RuleBroken,
    NotPossible, Stale."""
    credential, now = (await desk.cohorts.get(cohort_id)).credential, desk.clock.now()
    learner = await _own_learner(desk, learner_id)
    cohorts.check_newcomer(learner, credential, desk.clock.today())
    cohort = await desk.cohorts.hold(cohort_id)
    seated = cohorts.take_seat(cohort, await desk.cohorts.attending(cohort_id), desk.clock.today())
    dates = AwardDates(expected_on=cohort.plan.ends_on)
    award = awards.record(new_id("awd", now), credential, AwardStatus.IN_PROGRESS, dates, now)
    award = await with_evidence(desk, learner.provider_id, replace(award, cohort_id=cohort_id))
    changed = await keep(desk, learner, add_award(learner, award))
    await keep_seats(desk, cohort, seated)
    return changed, award


async def withdraw(desk: LearnersUnitOfWork, cohort_id: str, learner_id: str, expects: Expectation) -> Cohort:
    """What was in progress is no more, and the seat is open. Raises Absent, NotPossible, Stale."""
    await desk.cohorts.get(cohort_id)
    learner = await desk.learners.hold(learner_id)
    cohort = await desk.cohorts.hold(cohort_id)
    expects(cohort.version)
    await keep(desk, learner, remove_award(learner, _under_way(learner, cohort_id).award_id))
    return await keep_seats(desk, cohort, cohorts.free_seat(cohort))


async def _own_learner(desk: LearnersUnitOfWork, learner_id: str) -> Learner:
    try:
        return await desk.learners.hold(learner_id)
    except Absent:
        raise RuleBroken("learner_id", "unknown", "is not a learner of the provider") from None


def _under_way(learner: Learner, cohort_id: str) -> Award:
    if not cohorts.attended(learner, cohort_id):
        raise Absent
    for award in cohorts.under_way(learner, cohort_id):
        return award
    raise NotPossible("completed", "what the learner was enrolled for is recorded as earned")
