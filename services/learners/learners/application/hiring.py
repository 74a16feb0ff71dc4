"""What follows from a hire that an employer reports: it is confirmed or disputed, and a confirmed one ends the learner's
search."""

from dataclasses import replace
from datetime import date

from contracts.introduction_status import IntroductionStatus
from learners.application.changing import save_change
from learners.application.introducing import ClaimedIntroduction, claim_introduction, respondent, save_step
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain import introduction_steps as steps
from learners.domain.introduction import AnsweredBy, EndReason, Introduction
from learners.domain.learner import Learner, revise


async def confirm_hire(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation) -> Introduction:
    """The provider confirms. Raises Absent, NotPossible, Stale."""
    claimed = await claim_introduction(uow, introduction_id)
    expects(claimed.introduction.version)
    return await confirm_claimed(uow, claimed, "provider")


async def dispute_hire(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation) -> Introduction:
    """The provider says that there is no hire: the search goes on. Raises Absent, NotPossible, Stale."""
    mine = (await claim_introduction(uow, introduction_id)).introduction
    expects(mine.version)
    return await save_step(uow, mine, steps.dispute_hire(mine, await respondent(uow, mine, "provider")))


async def confirm_claimed(uow: LearnersUnitOfWork, claimed: ClaimedIntroduction, by: AnsweredBy) -> Introduction:
    """Confirm the hire, end the learner's search and what is open of the learner's other introductions. Raises NotPossible,
    Stale."""
    mine = claimed.introduction
    changed = steps.confirm_hire(mine, await respondent(uow, mine, by), claimed.learner.availability.seeking_since)
    await _end_search(uow, claimed.learner)
    for other in claimed.others:
        await save_step(uow, other, steps.end(other, await respondent(uow, other, "service"), EndReason.HIRED_ELSEWHERE))
    return await save_step(uow, mine, changed)


async def forget_hire(uow: LearnersUnitOfWork, claimed: ClaimedIntroduction) -> None:
    """After the employer has undone a hire: the search that it ended goes on as it was, unless the learner began another, or
    another employer's hire is confirmed: then it goes on when that one is undone as well. Raises Stale."""
    mine = claimed.introduction
    changed = steps.forget_hire(mine, await respondent(uow, mine, "service"))
    if changed is None:
        return
    since = None if mine.answer is None else mine.answer.resumes_since
    standing = next((other for other in claimed.others if _is_hired(other)), None)
    if since is not None and standing is None:
        await _resume_search(uow, claimed.learner, since)
    elif since is not None and standing is not None:
        await uow.introductions.save(steps.hand_search_on(standing, since))
    await save_step(uow, mine, changed)


async def _end_search(uow: LearnersUnitOfWork, learner: Learner) -> None:
    idle = replace(learner.availability, seeking=False, seeking_since=None)
    await save_change(uow, learner, revise(learner, learner.reach, idle, person_changed=False))


async def _resume_search(uow: LearnersUnitOfWork, learner: Learner, since: date) -> None:
    if not learner.availability.seeking:
        seeking = replace(learner.availability, seeking=True, seeking_since=since)
        await save_change(uow, learner, revise(learner, learner.reach, seeking, person_changed=False))


def _is_hired(introduction: Introduction) -> bool:
    return introduction.status is IntroductionStatus.HIRED and introduction.hire == "confirmed"
