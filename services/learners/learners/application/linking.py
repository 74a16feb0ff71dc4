"""A learner answers by a link that the provider sends: it shows what the employer asks, and works once."""

import secrets
from collections.abc import Callable
from datetime import datetime

from learners.application.introducing import accept_claimed, claim_introduction, decline_claimed
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain.errors import NoLongerOpen, NotPossible
from learners.domain.introduction import DeclineReason, Introduction
from learners.domain.introduction_steps import demand_asked
from learners.domain.learner_link import LONGEST, LearnerLink, demand_usable, use

TOKEN_BYTES = 32
#: Turns a token into what is kept of it.
Hash = Callable[[str], str]
#: The end of the last day on which an answer to the introduction counts.
Latest = Callable[[Introduction], datetime]


async def make_link(
    uow: LearnersUnitOfWork,
    introduction_id: str,
    expects: Expectation,
    latest: Latest,
    hashed: Hash,
) -> tuple[LearnerLink, str]:
    """A new link, which replaces the one before, and its token, which cannot be read again.

    Raises Absent, NotPossible, Stale.
    """
    mine = (await claim_introduction(uow, introduction_id)).introduction
    expects(mine.version)
    demand_asked(mine, uow.clock.today())
    token, now = secrets.token_urlsafe(TOKEN_BYTES), uow.clock.now()
    link = LearnerLink(introduction_id, hashed(token), now, min(now + LONGEST, latest(mine)))
    await uow.links.put(link)
    return link, token


async def read_by_link(uow: LearnersUnitOfWork, digest: str) -> tuple[Introduction, LearnerLink]:
    """What the learner is shown. Raises Absent, NoLongerOpen."""
    link = await uow.links.with_digest(digest)
    demand_usable(link, uow.clock.now())
    introduction = await uow.introductions.get(link.introduction_id)
    _demand_waiting(uow, introduction)
    return introduction, link


async def answer_by_link(uow: LearnersUnitOfWork, digest: str, reason: DeclineReason | None) -> Introduction:
    """The learner accepts, or declines for the reason. Raises Absent, NotPossible, NoLongerOpen."""
    found = await uow.links.with_digest(digest)
    claimed = await claim_introduction(uow, found.introduction_id)
    # Read again: whoever answered by the same link at the same time has been waited for.
    used = use(await uow.links.with_digest(digest), uow.clock.now())
    _demand_waiting(uow, claimed.introduction)
    await uow.links.put(used)
    if reason is None:
        return await accept_claimed(uow, claimed, "learner")
    return await decline_claimed(uow, claimed, "learner", reason)


def _demand_waiting(uow: LearnersUnitOfWork, introduction: Introduction) -> None:
    try:
        demand_asked(introduction, uow.clock.today())
    except NotPossible as late:
        raise NoLongerOpen("link_expired" if late.rule == "answered_late" else "not_waiting", late.detail) from late
