"""A whole market by the engine that the service runs: the same result as `reference`, in less time."""

from collections.abc import Callable, Iterable

from matching.domain.cells.shortage_cell import Cell
from matching.domain.evaluation.reference import Evaluation
from matching.domain.market.subjects import Market, MarketLearner
from matching.domain.pathways.unlocking import Unlocked, pathway_of, summed
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import RegionState, Settlement
from matching.domain.rules.matches import RankedMatch
from matching.domain.rules.profile import Rules
from reference.places import Places

Progress = Callable[[int, int], None]
"""Called with the number of regions that are done, and of all."""


def evaluate_by_regions(market: Market, places: Places, progress: Progress = lambda done, total: None) -> Evaluation:
    """Evaluate a market region by region (sections 1 to 9, 11 and 12)."""
    rules = Rules(market.catalog, market.policy, places, market.day)
    regions = sorted({opening.region for opening in market.openings})
    reaching = _reaching(market.learners, frozenset(regions), places)
    matches: list[RankedMatch] = []
    cells: list[Cell] = []
    unlocked: dict[str, list[tuple[Unlocked, ...]]] = {}
    for done, region in enumerate(regions):
        progress(done, len(regions))
        standing, said = _settled(region, market, reaching.pop(region, []), places)
        matches += _ranked(standing, said)
        cells += standing.cells()
        _unlock(standing, unlocked)
    progress(len(regions), len(regions))
    matches.sort(key=lambda match: (match.opening_id, match.learner_id))
    openings = {opening.opening_id: opening for opening in market.openings}
    pathways = {learner_id: pathway_of(summed(each, openings), rules) for learner_id, each in sorted(unlocked.items())}
    return Evaluation(tuple(matches), tuple(cells), pathways)


def _reaching(learners: Iterable[MarketLearner], regions: frozenset[str], places: Places) -> dict[str, list[MarketLearner]]:
    reaching: dict[str, list[MarketLearner]] = {}
    for learner in learners:
        for region in regions.intersection(places.reach(learner.zip, learner.reach_km, learner.remote_ok)):
            reaching.setdefault(region, []).append(learner)
    return reaching


def _settled(region: str, market: Market, learners: list[MarketLearner], places: Places) -> tuple[RegionMarket, Settlement]:
    state = RegionState(
        region=region,
        day=market.day,
        openings=tuple(opening for opening in market.openings if opening.region == region),
        learners=tuple(learners),
        cohorts=tuple(cohort for cohort in market.cohorts if cohort.region == region),
    )
    standing = RegionMarket(state, market.catalog, market.policy, places)
    return standing, standing.settle()


def _ranked(standing: RegionMarket, said: Settlement) -> list[RankedMatch]:
    """The matches that a region just proposed, with their ranks."""
    facts = {(each.record.opening_id, each.record.learner_id): each.record.facts for each in said.matches}
    return [
        RankedMatch(opening_id, learner_id, rank, facts[opening_id, learner_id])
        for opening_id in {pair[0] for pair in facts}
        for rank, learner_id in enumerate(standing.listed(opening_id), start=1)
    ]


def _unlock(standing: RegionMarket, unlocked: dict[str, list[tuple[Unlocked, ...]]]) -> None:
    for learner_id in standing.learner_ids():
        if found := standing.unlocked(learner_id):
            unlocked.setdefault(learner_id, []).append(found)
