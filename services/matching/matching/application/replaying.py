"""Trying other rules on the stored state, without changing it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from matching.domain.cells.shortage_cell import Level
from matching.domain.evaluation.by_engine import evaluate_by_regions
from matching.domain.evaluation.proposed_rules import ProposedRules
from matching.domain.evaluation.reference import Evaluation
from matching.domain.evaluation.replay import RegionEvaluation, RegionReplay, compare_region
from matching.domain.market.subjects import Market
from reference.places import Places

Evaluate = Callable[[Market, Places], Evaluation]


@dataclass(frozen=True, slots=True)
class RegionUnderRules:
    """One region's market under the live rules, and the levels of yesterday by subject."""

    region: str
    market: Market
    yesterday: Mapping[str, Level]


def replay(
    stored: RegionUnderRules, proposed: ProposedRules, places: Places, evaluation: Evaluate = evaluate_by_regions
) -> RegionReplay:
    """What the proposed rules would change in a region."""
    market = stored.market
    other = replace(market, policy=proposed.policy, catalog=proposed.catalog)
    before = RegionEvaluation(evaluation(market, places), market.policy)
    after = RegionEvaluation(evaluation(other, places), other.policy)
    return compare_region(stored.region, before, after, stored.yesterday)
