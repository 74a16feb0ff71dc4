"""Learners whose reach is another by the table of places that this release carries."""

from learners.application.registering import keep
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.learner import Learner, placed, placed_again
from reference.places import UnknownZip


async def place_some(uow: LearnersUnitOfWork, after: str, most: int) -> str | None:
    """Look at up to `most` learners after the one given, and tell the regions that differ; the last one's id, None when there
    was none. Raises Stale."""
    looked_at = await uow.learners.page_after(after, most)
    for seen in looked_at:
        if _moved(uow, seen):
            learner = await uow.learners.claim(seen.learner_id)
            if _moved(uow, learner):
                await keep(uow, learner, placed_again(learner))
    return looked_at[-1].learner_id if looked_at else None


def _moved(uow: LearnersUnitOfWork, learner: Learner) -> bool:
    """A ZIP code that the table has lost says nothing of a reach: the learner stays where it was until something changes."""
    try:
        now = placed(learner, uow.places)
        return (now.home, now.regions) != (learner.home, learner.regions)
    except UnknownZip:
        return False
