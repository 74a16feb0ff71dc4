"""Employers are told when their openings are about to close. Nobody asks for it: a periodic sweep does it."""

from collections.abc import Sequence

from openings.application.unit_of_work import OpeningsUnitOfWork


async def give_ending_notices(uow: OpeningsUnitOfWork, days_ahead: Sequence[int], most: int) -> int:
    """Give up to `most` notices of openings that close within any of `days_ahead` days. Returns how many.

    An opening that closes within the least of them is not announced for the longer ones as well.
    """
    given, today = 0, uow.moment().today
    for days in sorted(days_ahead):
        openings = await uow.ending_notices.claim_due(today, days, most - given)
        for opening in openings:
            await uow.ending_notices.give(opening, today, [each for each in days_ahead if each >= days])
        given += len(openings)
    return given
