"""An employer fills positions, or corrects how many are filled."""

from openings.application.changing import claim_opening, save_change
from openings.application.unit_of_work import Expectation, OpeningsUnitOfWork
from openings.domain import opening_life
from openings.domain.opening import Opening


async def add_fillings(uow: OpeningsUnitOfWork, opening_id: str, expects: Expectation, number: int, reopening: bool) -> Opening:
    """Fill `number` more positions; fewer when it is negative. Raises RulesBroken, NotNow, NoSuchThing, VersionMismatch."""
    opening = await claim_opening(uow, opening_id, expects)
    return await _fill(uow, opening, opening.filled + number, reopening)


async def set_filled(uow: OpeningsUnitOfWork, opening_id: str, expects: Expectation, filled: int, reopening: bool) -> Opening:
    """Set the number of filled positions. Raises RulesBroken, NotNow, NoSuchThing, VersionMismatch."""
    return await _fill(uow, await claim_opening(uow, opening_id, expects), filled, reopening)


async def _fill(uow: OpeningsUnitOfWork, opening: Opening, filled: int, reopening: bool) -> Opening:
    if filled < opening.filled:
        opening_life.check_named_hires(filled, await uow.introductions.hires(opening.opening_id))
    return await save_change(uow, opening, opening_life.fill(opening, filled, uow.moment(), reopening))
