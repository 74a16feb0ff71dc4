"""An employer fills positions, closes and reopens; the date expires."""

from dataclasses import replace
from datetime import date

from openings.application.ports import Expectation, OpeningsUnitOfWork
from openings.application.publishing import keep, opening_at
from openings.domain import life
from openings.domain.opening import Opening


async def add_fillings(
    desk: OpeningsUnitOfWork, opening_id: str, expects: Expectation, number: int, reopening: bool
) -> Opening:
    """`number` more positions are filled; negative: fewer. Raises RulesBroken, NotNow, NotFound, Stale."""
    opening = await opening_at(desk, opening_id, expects)
    return await keep(desk, opening, life.fill(opening, opening.filled + number, desk.moment(), reopening))


async def set_filled(desk: OpeningsUnitOfWork, opening_id: str, expects: Expectation, filled: int, reopening: bool) -> Opening:
    """`filled` positions in all are filled. Raises RulesBroken, NotNow, NotFound, Stale."""
    opening = await opening_at(desk, opening_id, expects)
    return await keep(desk, opening, life.fill(opening, filled, desk.moment(), reopening))


async def close_opening(desk: OpeningsUnitOfWork, opening_id: str, expects: Expectation) -> Opening:
    """Raises NotNow, NotFound, Stale."""
    opening = await opening_at(desk, opening_id, expects)
    return await keep(desk, opening, life.close(opening, desk.moment()))


async def reopen_opening(desk: OpeningsUnitOfWork, opening_id: str, expects: Expectation) -> Opening:
    """Raises NotNow, NotFound, Stale."""
    opening = await opening_at(desk, opening_id, expects)
    return await keep(desk, opening, life.reopen(opening, desk.moment()))


async def tell_expired_openings(desk: OpeningsUnitOfWork, most: int) -> int:
    """Publish `OpeningExpired` for up to `most` openings whose closing date has passed; returns how many there were."""
    moment = desk.moment()
    openings = await desk.openings.past_closing(moment.today, most)
    for opening in openings:
        await keep(desk, opening, life.tell_expired(opening, moment))
    return len(openings)


async def take_back_expiries(desk: OpeningsUnitOfWork, today: date, most: int) -> int:
    """Tell of up to `most` openings that they have not expired, since their closing date has not passed on `today`."""
    moment = replace(desk.moment(), today=today)
    openings = await desk.openings.told_too_early(today, most)
    for opening in openings:
        await keep(desk, opening, life.take_back_expiry(opening, moment))
    return len(openings)
