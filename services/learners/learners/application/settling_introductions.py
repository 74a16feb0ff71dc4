"""What the service does about introductions by its rules, without anybody asking: one introduction at a time."""

from collections.abc import Sequence
from datetime import timedelta

from learners.application.hiring import confirm_claimed, forget_hire
from learners.application.introducing import (
    ClaimedIntroduction,
    claim_introduction,
    end_unavailable,
    erase_introductions,
    respondent,
    save_step,
)
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain import introduction_steps as steps
from learners.domain.errors import Absent


async def due_introductions(uow: LearnersUnitOfWork, confirm_days: int, most: int) -> Sequence[str]:
    """Ids of introductions to settle."""
    return await uow.introductions.due(uow.clock.today(), uow.clock.now() - timedelta(days=confirm_days), most)


async def settle_introduction(uow: LearnersUnitOfWork, introduction_id: str, confirm_days: int) -> None:
    """Do the first that applies: forget what was said of a hire that is undone, confirm a hire that nobody disputed in time,
    let it lapse, end it because the learner is not available, or because the learner is erased. Raises Stale."""
    try:
        claimed = await claim_introduction(uow, introduction_id)
    except Absent:
        await _settle_without_learner(uow, introduction_id)
        return
    mine = claimed.introduction
    if mine.hire is not None and mine.request.status != "hired":
        await forget_hire(uow, claimed)
    elif steps.is_overdue(mine, uow.clock.now(), confirm_days):
        await confirm_claimed(uow, claimed, "service")
    elif not await _lapsed(uow, claimed):
        await end_unavailable(uow, claimed.learner)


async def _lapsed(uow: LearnersUnitOfWork, claimed: ClaimedIntroduction) -> bool:
    mine = claimed.introduction
    changed = steps.lapse(mine, await respondent(uow, mine, "service"), uow.clock.today())
    await save_step(uow, mine, changed)
    return changed is not None


async def _settle_without_learner(uow: LearnersUnitOfWork, introduction_id: str) -> None:
    """What was said of an undone hire is forgotten. An erased learner's introduction is ended. One of a learner who is not
    known here, such as after a restoration, waits for the learner until it lapses."""
    seen = await uow.introductions.get(introduction_id)
    for each in await uow.introductions.claim_of(seen.learner_id):
        who = await respondent(uow, each, "service")
        mine = await save_step(uow, each, steps.forget_hire(each, who))
        await save_step(uow, mine, steps.lapse(mine, who, uow.clock.today()))
    if await uow.learners.is_erased(seen.learner_id):
        await erase_introductions(uow, seen.learner_id)
