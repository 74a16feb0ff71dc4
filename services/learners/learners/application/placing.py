"""Learners follow a new table of places: their regions change with a release."""

from learners.application.changing import save_change
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.learner import Learner, placed, placed_again
from reference.places import UnknownZip


async def place_some(uow: LearnersUnitOfWork, after: str, most: int) -> str | None:
    """Check up to `most` learners after the given id, and announce those whose regions have changed.

    Returns the last id checked, None when there was no learner left. Raises Stale.
    """
    looked_at = await uow.learners.page_after(after, most)
    for seen in looked_at:
        if _moved(uow, seen):
            learner = await uow.learners.claim(seen.learner_id)
            if _moved(uow, learner):
                await save_change(uow, learner, placed_again(learner))
    return looked_at[-1].learner_id if looked_at else None


def _moved(uow: LearnersUnitOfWork, learner: Learner) -> bool:
    """False when the table has lost the ZIP code: the learner then stays in its regions until something else changes."""
    try:
        now = placed(learner, uow.places)
        return (now.home, now.regions) != (learner.home, learner.regions)
    except UnknownZip:
        return False
