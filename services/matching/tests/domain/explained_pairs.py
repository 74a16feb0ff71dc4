"""The pairs of a market, as explained and as evaluated."""

from dataclasses import replace

from hypothesis import HealthCheck

from matching.domain.evaluation.reference import evaluate
from matching.domain.explanation.findings import Explanation, explain
from matching.domain.market.subjects import Market, MarketLearner, MarketOpening
from matching.domain.rules.matches import RankedMatch
from matching.domain.rules.profile import Rules
from reference.places import Places

ONE_TABLE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def explained(market: Market, places: Places) -> list[tuple[MarketOpening, MarketLearner, Explanation]]:
    rules = Rules(market.catalog, market.policy, places, market.day)
    return [(job, ann, explain(job, ann, rules)) for job in market.openings for ann in market.learners]


def matched(market: Market, job: MarketOpening, ann: MarketLearner, places: Places) -> RankedMatch | None:
    """The match of a pair where nobody else competes."""
    matches = evaluate(replace(market, openings=(job,), learners=(ann,), cohorts=()), places).matches
    return matches[0] if matches else None
