"""What every change of an existing opening or introduction begins and ends with."""

from openings.application.unit_of_work import Expectation, OpeningsUnitOfWork
from openings.domain.introduction import IntroductionRequest
from openings.domain.introduction_life import EXPIRED, RequestChange, end_with, ending_reason, outlives
from openings.domain.opening import Opening
from openings.domain.opening_life import Change, OpeningEventKind


async def claim_opening(uow: OpeningsUnitOfWork, opening_id: str, expects: Expectation) -> Opening:
    """The opening, locked, if the caller knows its version. Raises NoSuchThing, and whatever `expects` raises."""
    opening = await uow.openings.claim(opening_id)
    expects(opening.version)
    return opening


async def save_change(uow: OpeningsUnitOfWork, opening: Opening, change: Change | None) -> Opening:
    """Save and announce a change of `opening`. Without a change nothing is written. Raises VersionMismatch."""
    if change is None:
        return opening
    await uow.openings.save(change.opening)
    await uow.announcements.record(change)
    await _end_introductions(uow, change)
    return change.opening


async def save_introduction(uow: OpeningsUnitOfWork, change: RequestChange) -> IntroductionRequest:
    """Save and announce a change of an introduction. Raises VersionMismatch."""
    await uow.introductions.save(change.introduction)
    await uow.introduction_announcements.record(change)
    return change.introduction


async def _end_introductions(uow: OpeningsUnitOfWork, change: Change) -> None:
    """The introductions of an opening end with it: those that nobody has answered, and those that were accepted. A closing date
    ends only the former, when it is announced and not before."""
    reason = ending_reason(change.opening, uow.clock.today())
    if reason is None or (reason == EXPIRED and change.kind is not OpeningEventKind.EXPIRED):
        return
    for introduction in await uow.introductions.claim_open([change.opening.opening_id]):
        if not outlives(introduction, reason):
            await save_introduction(uow, end_with(introduction, reason, uow.clock.now()))
