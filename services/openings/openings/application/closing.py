"""An employer closes an opening, or reopens it."""

from openings.application.changing import claim_opening, save_change
from openings.application.unit_of_work import Expectation, OpeningsUnitOfWork
from openings.domain import opening_life
from openings.domain.opening import Opening


async def close_opening(uow: OpeningsUnitOfWork, opening_id: str, expects: Expectation) -> Opening:
    """Raises NotNow, NoSuchThing, VersionMismatch."""
    opening = await claim_opening(uow, opening_id, expects)
    return await save_change(uow, opening, opening_life.close(opening, uow.moment()))


async def reopen_opening(uow: OpeningsUnitOfWork, opening_id: str, expects: Expectation) -> Opening:
    """Raises NotNow, NoSuchThing, VersionMismatch."""
    opening = await claim_opening(uow, opening_id, expects)
    return await save_change(uow, opening, opening_life.reopen(opening, uow.moment()))
