"""Other rules on the state as it is stored, without touching it: the seam at which the evaluation is chosen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from makersync.places import Places
from matching.domain.evaluation import Evaluation
from matching.domain.incremental import evaluate_by_regions
from matching.domain.market import Market
from matching.domain.records import Level
from matching.domain.replay import Judged, RegionReplay, compare_region
from matching.domain.rules_file import ProposedRules

Evaluate = Callable[[Market, Places], Evaluation]


@dataclass(frozen=True, slots=True)
class StoredRegion:
    """One region's market under the live rules, and the levels of yesterday by subject."""

    region: str
    market: Market
    yesterday: Mapping[str, Level]


def replay(
    stored: StoredRegion, proposed: ProposedRules, places: Places, evaluation: Evaluate = evaluate_by_regions
) -> RegionReplay:
    """What the proposed rules would change in a region."""
    market = stored.market
    other = replace(market, policy=proposed.policy, catalog=proposed.catalog)
    before = Judged(evaluation(market, places), market.policy)
    after = Judged(evaluation(other, places), other.policy)
    return compare_region(stored.region, before, after, stored.yesterday)
