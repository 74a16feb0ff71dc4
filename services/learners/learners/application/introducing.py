"""A provider answers for its learner, or the service by its rules; everything about one introduction is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain import introduction_steps as steps
from learners.domain.errors import Absent, NotPossible
from learners.domain.introduction import (
    AnsweredBy,
    DeclineReason,
    EndReason,
    Introduction,
    IntroductionChange,
)
from learners.domain.introduction_steps import Respondent
from learners.domain.learner import Learner
from learners.domain.provider import lost_name


@dataclass(frozen=True, slots=True)
class ClaimedIntroduction:
    """An introduction with its learner, and the learner's others, all claimed."""

    introduction: Introduction
    learner: Learner
    others: Sequence[Introduction]


async def claim_introduction(uow: LearnersUnitOfWork, introduction_id: str) -> ClaimedIntroduction:
    """The learner is claimed first, as everywhere, and then all of the learner's introductions. Raises Absent."""
    seen = await uow.introductions.get(introduction_id)
    learner = await uow.learners.claim(seen.learner_id)
    found = {each.introduction_id: each for each in await uow.introductions.claim_of(learner.learner_id)}
    mine = found.pop(introduction_id)
    return ClaimedIntroduction(mine, learner, list(found.values()))


async def accept_introduction(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation) -> Introduction:
    """Raises Absent, NotPossible, Stale."""
    claimed = await _claimed_at(uow, introduction_id, expects)
    return await accept_claimed(uow, claimed, "provider")


async def decline_introduction(
    uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation, reason: DeclineReason
) -> Introduction:
    """Raises Absent, NotPossible, Stale."""
    claimed = await _claimed_at(uow, introduction_id, expects)
    return await decline_claimed(uow, claimed, "provider", reason)


async def withdraw_introduction(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation) -> Introduction:
    """Take an acceptance back, which closes the contact. Raises Absent, NotPossible, Stale."""
    mine = (await _claimed_at(uow, introduction_id, expects)).introduction
    return await save_step(uow, mine, steps.withdraw(mine, await respondent(uow, mine, "provider")))


async def accept_claimed(uow: LearnersUnitOfWork, claimed: ClaimedIntroduction, by: AnsweredBy) -> Introduction:
    """Raises NotPossible."""
    mine, learner = claimed.introduction, claimed.learner
    changed = steps.accept(mine, await respondent(uow, mine, by), uow.clock.today())
    if unavailable(learner) is not None:
        raise NotPossible("not_available", "the learner does not seek, or does not consent to being matched")
    return await save_step(uow, mine, changed)


async def decline_claimed(
    uow: LearnersUnitOfWork, claimed: ClaimedIntroduction, by: AnsweredBy, reason: DeclineReason
) -> Introduction:
    """Raises NotPossible."""
    mine = claimed.introduction
    return await save_step(uow, mine, steps.decline(mine, await respondent(uow, mine, by), reason, uow.clock.today()))


async def end_unavailable(uow: LearnersUnitOfWork, learner: Learner) -> None:
    """End what is open of a claimed learner who does not consent or seek any more."""
    reason = unavailable(learner)
    if reason is not None:
        await _end_all(uow, learner.learner_id, reason)


async def erase_introductions(uow: LearnersUnitOfWork, learner_id: str) -> None:
    """Keep nothing that was said about a learner who has just been erased, and tell the employers' side to do the same."""
    await _end_all(uow, learner_id, EndReason.ERASED)
    await uow.introductions.blank(learner_id)


def unavailable(learner: Learner) -> EndReason | None:
    """Why the learner cannot be introduced to anybody; None when that is possible."""
    if not learner.consents:
        return EndReason.CONSENT_WITHDRAWN
    return None if learner.availability.seeking else EndReason.NOT_SEEKING


async def save_step(uow: LearnersUnitOfWork, before: Introduction, changed: IntroductionChange | None) -> Introduction:
    """Save and announce a step, and tell the provider; without one nothing is written."""
    if changed is None:
        return before
    after = changed.introduction
    await uow.introductions.save(after)
    await uow.announce.introduction(changed)
    await uow.feeds.introduced(before, after)
    return after


async def respondent(uow: LearnersUnitOfWork, introduction: Introduction, by: AnsweredBy) -> Respondent:
    return Respondent(by, uow.clock.now(), await _provider_name(uow, introduction.provider_id))


async def _end_all(uow: LearnersUnitOfWork, learner_id: str, reason: EndReason) -> None:
    for one in await uow.introductions.claim_of(learner_id):
        await save_step(uow, one, steps.end(one, await respondent(uow, one, "service"), reason))


async def _provider_name(uow: LearnersUnitOfWork, provider_id: str) -> str:
    """A provider that was lost with the database has a name that says so."""
    try:
        return (await uow.providers.get(provider_id)).name
    except Absent:
        return lost_name(provider_id)


async def _claimed_at(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation) -> ClaimedIntroduction:
    claimed = await claim_introduction(uow, introduction_id)
    expects(claimed.introduction.version)
    return claimed
