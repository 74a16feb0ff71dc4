"""Whom the live openings of a market reach (MARKET.md section 15): plain, and the reference for what is published."""

from collections.abc import Iterable, Mapping

from matching.domain.market.subjects import Market, MarketOpening
from matching.domain.reach.counting import OpeningCounts, counts_of
from matching.domain.rules.profile import Rules, profile_of
from reference.places import Places


def evaluate_reach(market: Market, places: Places, drafts: Iterable[MarketOpening] = ()) -> Mapping[str, OpeningCounts]:
    """By opening id, of the live openings and of `drafts`, which are counted as they are."""
    rules = Rules(market.catalog, market.policy, places, market.day)
    profiles = [profile_of(learner, rules) for learner in market.learners]
    live = (opening for opening in market.openings if opening.live_on(market.day))
    return {opening.opening_id: counts_of(opening, profiles, rules) for opening in (*live, *drafts)}
