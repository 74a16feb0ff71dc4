"""Providers are told when awards are about to end. Nobody asks for it: a periodic sweep does it."""

from collections.abc import Sequence

from learners.application.unit_of_work import LearnersUnitOfWork


async def give_ending_notices(uow: LearnersUnitOfWork, days_ahead: Sequence[int], most: int) -> int:
    """Give up to `most` notices of awards that end within any of `days_ahead` days. Returns how many.

    An award that ends within the least of them is not announced for the longer ones as well.
    """
    given, today = 0, uow.clock.today()
    for days in sorted(days_ahead):
        ending = await uow.ending_awards.claim_due(today, days, most - given)
        for award in ending:
            await uow.ending_awards.give(award, today, [each for each in days_ahead if each >= days])
        given += len(ending)
    return given
