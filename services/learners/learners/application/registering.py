"""A provider registers learners, keeps their profiles and consents, and erases them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from learners.application.changing import claim_learner, save_change
from learners.application.introducing import end_unavailable, erase_introductions
from learners.application.seating import free_seats
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain.errors import RuleBroken
from learners.domain.learner import (
    Availability,
    Learner,
    LearnerChange,
    LearnerEvent,
    Reach,
    check_availability,
    check_reach,
    import_seeking_since,
    placed,
    revise,
    set_consent,
)
from learners.domain.learner_person import Person
from learners.domain.values import line
from makersync.identifiers import new_id
from reference.places import KNOWN_ZIP, UnknownZip


@dataclass(frozen=True, slots=True)
class LearnerProfile:
    """What a provider says of a learner, awards and consent aside."""

    person: Person
    reach: Reach
    availability: Availability


async def register_learner(uow: LearnersUnitOfWork, provider_id: str, profile: LearnerProfile, consents: bool) -> Learner:
    """Raises RuleBroken."""
    reach = check_reach(profile.reach)
    availability = check_availability(profile.availability, Availability(), uow.clock.today(), uow.pay)
    learner_id = new_id("lrn", uow.clock.now())
    learner = _placed(uow, Learner(learner_id, provider_id, reach, availability, consents))
    await uow.learners.add(learner, profile.person)
    await uow.announce.learner((), LearnerChange(learner, LearnerEvent.REGISTERED))
    await uow.feeds.concern(provider_id, learner.home)
    return learner


async def revise_learner(
    uow: LearnersUnitOfWork, learner_id: str, expects: Expectation, rewrite: Callable[[LearnerProfile], LearnerProfile]
) -> tuple[Learner, Person]:
    """`rewrite` turns the profile as it is into the one wanted. Raises Absent, RuleBroken, Stale."""
    learner, person = await claim_learner(uow, learner_id, expects), await uow.learners.person(learner_id)
    wanted = rewrite(LearnerProfile(person, learner.reach, learner.availability))
    availability = check_availability(wanted.availability, learner.availability, uow.clock.today(), uow.pay)
    reach = check_reach(wanted.reach)
    if reach != learner.reach:
        _placed(uow, replace(learner, reach=reach), learner.reach.zip)
    changed = revise(learner, reach, availability, wanted.person != person)
    if wanted.person != person:
        await uow.learners.save_person(learner, wanted.person)
    kept = await save_change(uow, learner, changed)
    await _follow_search(uow, learner, kept)
    return kept, wanted.person


async def decide_consent(uow: LearnersUnitOfWork, learner_id: str, expects: Expectation, consents: bool) -> Learner:
    """Give or withdraw the consent to be matched. Raises Absent, Stale."""
    learner = await claim_learner(uow, learner_id, expects)
    kept = await save_change(uow, learner, set_consent(learner, consents))
    await end_unavailable(uow, kept)
    return kept


async def import_search(uow: LearnersUnitOfWork, learner_id: str, since: date, reason: str) -> Learner:
    """An operator imports since when a learner has been seeking. Raises Absent, RuleBroken, NotPossible, Stale."""
    learner = await uow.learners.claim(learner_id)
    changed = import_seeking_since(learner, since, uow.clock.today())
    kept = await save_change(uow, learner, changed)
    uow.log.note("seeking_since_imported", learner_id, {"seeking_since": since.isoformat(), "reason": line("reason", reason)})
    return kept


async def erase_learner(uow: LearnersUnitOfWork, learner_id: str, expects: Expectation) -> None:
    """Delete all that is known of the learner, announce it to every region of the reach and free the seats in cohorts.

    Raises Absent, Stale.
    """
    learner = await claim_learner(uow, learner_id, expects)
    version = learner.version + 1
    await uow.learners.erase(learner, version, uow.clock.now())
    await uow.feeds.erased(learner)
    await erase_introductions(uow, learner_id)
    await uow.announce.erased(learner, version)
    await free_seats(uow, learner.awards)


async def _follow_search(uow: LearnersUnitOfWork, before: Learner, after: Learner) -> None:
    """A search that ends also ends introductions, and one that begins is not that which a hire ended."""
    if after.availability.seeking and not before.availability.seeking:
        await uow.introductions.settle_searches(after.learner_id)
    elif before.availability.seeking and not after.availability.seeking:
        await end_unavailable(uow, after)


def _placed(uow: LearnersUnitOfWork, learner: Learner, zip_before: str | None = None) -> Learner:
    """A ZIP code that the learner had before may come from an earlier table. Raises RuleBroken."""
    try:
        if learner.reach.zip != zip_before and not uow.places.is_current(learner.reach.zip):
            raise UnknownZip(learner.reach.zip)
        return placed(learner, uow.places)
    except UnknownZip:
        raise RuleBroken("zip", "unknown", KNOWN_ZIP) from None
