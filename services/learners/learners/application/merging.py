"""A provider merges two records of one person: one learner takes in the other, who is erased."""

from dataclasses import replace

from learners.application.changing import save_change
from learners.application.introducing import end_unavailable, erase_introductions
from learners.application.seating import free_seats
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain.errors import Absent, MergedLearner, NotPossible, RuleBroken
from learners.domain.learner import Learner
from learners.domain.merging import merge, merged


async def merge_learners(
    uow: LearnersUnitOfWork, learner_id: str, expects: Expectation, other_id: str, expects_other: Expectation
) -> Learner:
    """The learner with all awards of the other. What was done before is done again without effect.

    Raises Absent, RuleBroken, NotPossible, Stale, and what the expectations raise.
    """
    try:
        stays, goes = await _claimed(uow, learner_id, other_id)
    except MergedLearner as known:
        if known.learner_id == other_id and known.successor == learner_id:
            return await uow.learners.get(learner_id)
        raise
    expects(stays.version)
    expects_other(goes.version)
    person = await uow.learners.person(learner_id)
    found = merge(stays, person, goes, await uow.learners.person(other_id))
    await _demand_no_open_introduction(uow, other_id)
    if found.person != person:
        await uow.learners.save_person(stays, found.person)
    kept = await save_change(uow, stays, merged(stays, found))
    await _end(uow, replace(goes, awards=found.dropped), learner_id)
    await end_unavailable(uow, kept)
    return kept


async def _claimed(uow: LearnersUnitOfWork, learner_id: str, other_id: str) -> tuple[Learner, Learner]:
    """Both in the order of their ids, so that two merges of the same do not wait for each other."""
    await uow.learners.get(learner_id)
    claimed: dict[str, Learner] = {}
    for each in sorted({learner_id, other_id}):
        try:
            claimed[each] = await uow.learners.claim(each)
        except Absent as absent:
            if each == learner_id or isinstance(absent, MergedLearner):
                raise
            raise RuleBroken("learner_id", "unknown", "is not a learner of the provider") from None
    return claimed[learner_id], claimed[other_id]


async def _demand_no_open_introduction(uow: LearnersUnitOfWork, learner_id: str) -> None:
    """An employer would meet nobody. Raises NotPossible."""
    for each in await uow.introductions.claim_of(learner_id):
        if each.status.is_open or each.awaits_confirmation:
            raise NotPossible(
                "open_introduction", f"introduction {each.introduction_id} of the learner who goes is open: end it first"
            )


async def _end(uow: LearnersUnitOfWork, goes: Learner, successor: str) -> None:
    """As when a learner is erased, but the id stays known as that of the one who stays."""
    version = goes.version + 1
    await uow.learners.erase(goes, version, uow.clock.now(), successor)
    await uow.feeds.erased(goes)
    await erase_introductions(uow, goes.learner_id)
    await uow.announce.erased(goes, version)
    await free_seats(uow, goes.awards)
