"""What the handlers need to tell providers in advance of the ends of awards."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from learners.domain.award import EndingAward


class EndingAwards(Protocol):
    """What providers are told in their feeds of awards that are about to end."""

    async def claim_due(self, today: date, days: int, most: int) -> Sequence[EndingAward]:
        """Awards in force that end in at most so many days, and whose provider was not told so yet; their learners are locked.
        Left out are those that another award of the same credential outlives, and those that another process has claimed."""
        ...

    async def give(self, award: EndingAward, today: date, days: Sequence[int]) -> None:
        """Tell the provider once, for all of these numbers of days."""
        ...
