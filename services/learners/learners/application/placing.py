"""Learners whose reach is another by the table of places that this release carries."""

from learners.application.ports import LearnersUnitOfWork
from learners.application.registration import keep
from learners.domain.learner import Learner, placed, placed_again
from reference.places import UnknownZip


async def place_some(desk: LearnersUnitOfWork, after: str, most: int) -> str | None:
    """Look at up to `most` learners after the one given, and tell the regions that differ; the last one's id, None when there
    was none. Raises Stale."""
    looked_at = await desk.learners.after(after, most)
    for seen in looked_at:
        if _moved(desk, seen):
            learner = await desk.learners.hold(seen.learner_id)
            if _moved(desk, learner):
                await keep(desk, learner, placed_again(learner))
    return looked_at[-1].learner_id if looked_at else None


def _moved(desk: LearnersUnitOfWork, learner: Learner) -> bool:
    """A ZIP code that the table has lost says nothing of a reach: the learner stays where it was until something changes."""
    try:
        now = placed(learner, desk.places)
        return (now.home, now.regions) != (learner.home, learner.regions)
    except UnknownZip:
        return False
