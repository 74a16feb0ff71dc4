"""What every change of an existing opening begins and ends with."""

from openings.application.unit_of_work import Expectation, OpeningsUnitOfWork
from openings.domain.opening import Opening
from openings.domain.opening_life import Change


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
    return change.opening
