"""An employer reads name and contact of a learner who has agreed to meet it, by the token that it was given."""

import hmac
from collections.abc import Callable

from contracts.contact_token import token_digest
from contracts.introduction_status import IntroductionStatus
from learners.application.introducing import ClaimedIntroduction, claim_introduction
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.errors import Absent, NoLongerOpen
from learners.domain.introduction import Access, Introduction
from learners.domain.learner_person import Person

_ENDED = "the introduction has ended, or is not accepted any more"


#: Is told the outcome of a reading: `read`, `unknown`, or the rule by which it was refused.
CountReading = Callable[[str], None]


async def read_contact(
    uow: LearnersUnitOfWork, introduction_id: str, token: str, count: CountReading
) -> tuple[Introduction, Person]:
    """Records the reading, and counts every attempt. Raises Absent alike for an unknown introduction and for another's token,
    and NoLongerOpen for one that was good once."""
    try:
        found = await _read(uow, introduction_id, token)
    except Absent:
        count("unknown")
        raise
    except NoLongerOpen as refusal:
        count(refusal.rule)
        raise
    except Exception:
        count("failed")
        raise
    count("read")
    return found


async def _read(uow: LearnersUnitOfWork, introduction_id: str, token: str) -> tuple[Introduction, Person]:
    _demand_token(await uow.introductions.get(introduction_id), token)
    claimed = await _claimed(uow, introduction_id)
    mine, now = claimed.introduction, uow.clock.now()
    access = _demand_token(mine, token)
    if mine.status is not IntroductionStatus.ACCEPTED or not claimed.learner.consents:
        raise NoLongerOpen("introduction_ended", _ENDED)
    if access.expires_at <= now:
        raise NoLongerOpen("access_expired", "the token has expired; ask the openings service for a new one")
    await uow.readings.record(mine, now)
    return mine, await uow.learners.person(mine.learner_id)


def _demand_token(introduction: Introduction, token: str) -> Access:
    """Raises Absent."""
    access = introduction.request.access
    if access is None or not hmac.compare_digest(access.digest, token_digest(introduction.introduction_id, token)):
        raise Absent
    return access


async def _claimed(uow: LearnersUnitOfWork, introduction_id: str) -> ClaimedIntroduction:
    """Whoever ends the introduction, or withdraws the consent, waits for this reading, or this reading for them."""
    try:
        return await claim_introduction(uow, introduction_id)
    except Absent:
        raise NoLongerOpen("introduction_ended", _ENDED) from None
