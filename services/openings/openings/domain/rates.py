"""How often something may be asked for in 24 hours."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from openings.domain.errors import RateReached

A_DAY = timedelta(hours=24)


def demand_rate(asked: Sequence[datetime], a_day: int, now: datetime, refusal: type[RateReached]) -> None:
    """`asked` are the times of the newest requests. Raises `refusal` when there were `a_day` within 24 hours."""
    recent = sorted(each for each in asked if each > now - A_DAY)
    if len(recent) >= a_day:
        free_at = recent[-a_day] + A_DAY
        raise refusal(a_day, max(1, ceil((free_at - now).total_seconds())))
