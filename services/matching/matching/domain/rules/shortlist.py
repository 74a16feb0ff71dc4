"""The order and the length of a shortlist (MARKET.md section 9)."""

from datetime import date

from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketOpening

OrderKey = tuple[int, date, bool, str]
"""Ascending keys are the order of a shortlist; the last part is the learner id."""


def order_key(score: int, seeking_since: date | None, learner_id: str) -> OrderKey:
    """Score descending, seeking_since ascending (absent last), learner_id ascending.

    An absent date sorts as `date.max`, and after a date that is `date.max` itself.
    """
    return (-score, seeking_since or date.max, seeking_since is None, learner_id)


def shortlist_size(opening: MarketOpening, policy: Policy) -> int:
    """K = min(max, max(min, per_position * remaining))."""
    wanted = policy.shortlist_per_position * opening.remaining
    return min(policy.shortlist_max, max(policy.shortlist_min, wanted))
