"""How every handler changes a learner: the row is claimed, and what changed is saved and announced."""

from dataclasses import replace

from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain.learner import Learner, LearnerChange, LearnerEvent, placed
from reference.places import UnknownZip


async def claim_learner(uow: LearnersUnitOfWork, learner_id: str, expects: Expectation) -> Learner:
    """Claim the learner at a version that the caller knows. Raises Absent, and what `expects` raises."""
    learner = await uow.learners.claim(learner_id)
    expects(learner.version)
    return learner


async def save_change(uow: LearnersUnitOfWork, before: Learner, changed: LearnerChange | None) -> Learner:
    """Save and announce a change; without one nothing is written. Raises Stale."""
    if changed is None:
        return before
    located = _located(uow, changed)
    await uow.learners.save(before, located.learner)
    await uow.announce.learner(before.regions, located)
    if located.learner.home != before.home:
        await uow.feeds.concern(before.provider_id, located.learner.home)
    return located.learner


def _located(uow: LearnersUnitOfWork, changed: LearnerChange) -> LearnerChange:
    """The change with the regions that the learner reaches now.

    When the table of places no longer has the ZIP code, readers could not place the learner. Whatever has changed, a
    withdrawal is published to the regions that know the learner.
    """
    try:
        return replace(changed, learner=placed(changed.learner, uow.places))
    except UnknownZip:
        return replace(changed, kind=LearnerEvent.WITHDRAWN)
