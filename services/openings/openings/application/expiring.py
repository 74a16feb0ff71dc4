"""Closing dates pass. Nobody asks for these changes: a periodic sweep and an operator's command make them."""

from dataclasses import replace
from datetime import date

from openings.application.changing import save_change
from openings.application.unit_of_work import OpeningsUnitOfWork
from openings.domain import opening_life


async def announce_expired_openings(uow: OpeningsUnitOfWork, most: int) -> int:
    """Publish `OpeningExpired` for up to `most` openings whose closing date has passed. Returns how many there were."""
    moment = uow.moment()
    openings = await uow.openings.claim_expired(moment.today, most)
    # All that end with them at once, or those of one opening would be claimed after those of another.
    await uow.introductions.claim_open([opening.opening_id for opening in openings])
    for opening in openings:
        await save_change(uow, opening, opening_life.announce_expiry(opening, moment))
    return len(openings)


async def take_back_expiries(uow: OpeningsUnitOfWork, today: date, most: int) -> int:
    """Take back up to `most` announced expiries, of openings whose closing date has not passed on `today`. Returns how many."""
    moment = replace(uow.moment(), today=today)
    openings = await uow.openings.claim_announced_too_early(today, most)
    for opening in openings:
        await save_change(uow, opening, opening_life.take_back_expiry(opening, moment))
    return len(openings)
