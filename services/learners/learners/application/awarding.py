"""Providers record what their learners have earned, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from contracts.vocabulary import AwardStatus
from learners.application.changing import claim_learner, save_change
from learners.application.retiring import demand_current
from learners.application.seating import free_seats
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain import award as awards
from learners.domain.accreditation import derive
from learners.domain.award import Award, AwardDates
from learners.domain.award_dates import check_new_dates
from learners.domain.errors import Absent, RuleBroken
from learners.domain.learner import Learner, LearnerEvent, add_award, remove_award, replace_award
from makersync.identifiers import new_id

#: The award after a change at an instant. Raises RuleBroken or NotPossible.
ChangeAward = Callable[[Award, datetime], Award]


@dataclass(frozen=True, slots=True)
class NewAward:
    credential: str
    status: AwardStatus
    dates: AwardDates


async def record_award(uow: LearnersUnitOfWork, learner_id: str, wanted: NewAward) -> tuple[Learner, Award]:
    """Raises Absent, RuleBroken."""
    await demand_current(uow, wanted.credential)
    learner, now = await uow.learners.claim(learner_id), uow.clock.now()
    award = awards.record(new_id("awd", now), wanted.credential, wanted.status, wanted.dates, now)
    check_new_dates(award.dates, AwardDates(), uow.clock.today())
    award = await with_evidence(uow, learner.provider_id, award)
    return await save_change(uow, learner, add_award(learner, award)), award


@dataclass(frozen=True, slots=True)
class AwardTransition:
    """How an award changes, and the event that says so."""

    apply: ChangeAward
    kind: LearnerEvent


def renewal(expires_on: date) -> AwardTransition:
    return AwardTransition(lambda award, now: awards.renew(award, expires_on, now), LearnerEvent.AWARD_RENEWED)


def completion(issued_on: date, expires_on: date | None) -> AwardTransition:
    """An award in progress is earned, and announced as a recorded award."""
    return AwardTransition(lambda award, now: awards.complete(award, issued_on, expires_on, now), LearnerEvent.AWARD_RECORDED)


def correction(rewrite: Callable[[AwardDates], AwardDates]) -> AwardTransition:
    return AwardTransition(lambda award, now: awards.correct(award, rewrite(award.dates), now), LearnerEvent.AWARD_CORRECTED)


SUSPENSION = AwardTransition(lambda award, _now: awards.suspend(award), LearnerEvent.AWARD_SUSPENDED)
REINSTATEMENT = AwardTransition(awards.reinstate, LearnerEvent.AWARD_REINSTATED)
REVOCATION = AwardTransition(lambda award, _now: awards.revoke(award), LearnerEvent.AWARD_REVOKED)


async def change_award(
    uow: LearnersUnitOfWork, learner_id: str, award_id: str, expects: Expectation, transition: AwardTransition
) -> Learner:
    """Raises Absent, RuleBroken, NotPossible, Stale."""
    learner = await claim_learner(uow, learner_id, expects)
    before = _award_of(learner, award_id)
    after = transition.apply(before, uow.clock.now())
    if after.dates != before.dates:
        check_new_dates(after.dates, before.dates, uow.clock.today())
    if after.vouched_at != before.vouched_at:
        after = await with_evidence(uow, learner.provider_id, after)
    return await save_change(uow, learner, replace_award(learner, after, transition.kind))


async def drop_award(uow: LearnersUnitOfWork, learner_id: str, award_id: str, expects: Expectation) -> Learner:
    """Remove an award that should not be there; its seat in a cohort becomes free. Raises Absent, Stale."""
    learner = await claim_learner(uow, learner_id, expects)
    award = _award_of(learner, award_id)
    kept = await save_change(uow, learner, remove_award(learner, award_id))
    await free_seats(uow, [award])
    return kept


def _award_of(learner: Learner, award_id: str) -> Award:
    award = learner.award(award_id)
    if award is None:
        raise Absent
    return award


async def with_evidence(uow: LearnersUnitOfWork, provider_id: str, award: Award) -> Award:
    """The award, its evidence derived from the provider's accreditations. Raises RuleBroken when the credential is unknown."""
    published = await uow.catalog.credential(award.credential)
    if published is None:
        raise RuleBroken("credential", "unknown", "is not a credential of the catalog")
    return derive(award, await uow.accreditations.claim_all(provider_id, published.definition.issuer), uow.clock.date_of)
