"""The batch evaluation of a whole market (MARKET.md sections 1 to 9, 11 and 12): plain, and the reference for the engine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matching.domain.cells.counts import CellCounts, seats_of
from matching.domain.cells.measuring import blocked_of, demand_of, level_ahead_of, level_without_history
from matching.domain.cells.shortage_cell import Cell
from matching.domain.market.subjects import Market, MarketOpening
from matching.domain.pathways.unlocking import Unlocked, pathway_of, unlocked_by
from matching.domain.rules.groups import AskedGroup, AskedGroups, ask
from matching.domain.rules.matches import RankedMatch
from matching.domain.rules.pairing import NearMiss, Qualified, Standing, match_facts, standing_of
from matching.domain.rules.profile import MatchingProfile, Rules, profile_of
from matching.domain.rules.shortlist import order_key, shortlist_size
from reference.places import Places


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What holds in a market on its day: matches by opening and learner id, cells by region and subject, pathways by learner.

    Levels are those of cells without history; counts are not guarded. Pathways count all regions, best credential first;
    learners with none are left out.
    """

    matches: tuple[RankedMatch, ...]
    cells: tuple[Cell, ...]
    pathways: Mapping[str, tuple[Unlocked, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A live opening, and how each learner who reaches its region stands with it."""

    opening: MarketOpening
    asked: AskedGroups
    standings: Sequence[tuple[MatchingProfile, Standing]]


def evaluate(market: Market, places: Places) -> Evaluation:
    """Evaluate every opening against every learner who reaches its region, region by region."""
    rules = Rules(market.catalog, market.policy, places, market.day)
    reaching = _reaching(market, rules)
    matches: list[RankedMatch] = []
    cells: list[Cell] = []
    near: list[_Judged] = []
    for region in sorted({opening.region for opening in market.openings}):
        profiles = reaching.get(region, [])
        judged = [_judge(opening, profiles, rules) for opening in _live_in(region, market)]
        matches.extend(match for item in judged for match in _shortlist(item, rules))
        cells.extend(_cells(_count(region, judged, profiles, market, rules), rules))
        near += judged
    matches.sort(key=lambda match: (match.opening_id, match.learner_id))
    pathways = {learner_id: pathway_of(each, rules) for learner_id, each in sorted(_unlocked(near, rules).items())}
    return Evaluation(tuple(matches), tuple(cells), pathways)


def _reaching(market: Market, rules: Rules) -> dict[str, list[MatchingProfile]]:
    reaching: dict[str, list[MatchingProfile]] = {}
    for learner in market.learners:
        profile = profile_of(learner, rules)
        for region in rules.places.reach(learner.zip, learner.reach_km, learner.remote_ok):
            reaching.setdefault(region, []).append(profile)
    return reaching


def _live_in(region: str, market: Market) -> Iterator[MarketOpening]:
    return (opening for opening in market.openings if opening.region == region and opening.live_on(market.day))


def _judge(opening: MarketOpening, profiles: Iterable[MatchingProfile], rules: Rules) -> _Judged:
    asked = ask(opening.groups)
    judged = ((profile, standing_of(opening, asked, profile, rules)) for profile in profiles)
    return _Judged(opening, asked, [(profile, standing) for profile, standing in judged if standing is not None])


def _shortlist(judged: _Judged, rules: Rules) -> Iterator[RankedMatch]:
    qualified = [
        (order_key(standing.score, profile.learner.seeking_since, profile.learner.learner_id), profile)
        for profile, standing in judged.standings
        if isinstance(standing, Qualified)
    ]
    qualified.sort(key=lambda entry: entry[0])
    listed = qualified[: shortlist_size(judged.opening, rules.policy)]
    for rank, (_, profile) in enumerate(listed, start=1):
        facts = match_facts(judged.asked, profile, rules)
        yield RankedMatch(judged.opening.opening_id, profile.learner.learner_id, rank, facts)


def _unlocked(judged: Iterable[_Judged], rules: Rules) -> dict[str, tuple[Unlocked, ...]]:
    """By learner, what each credential unlocks in all regions; learners without any are left out."""
    profiles: dict[str, MatchingProfile] = {}
    lacking: dict[str, list[tuple[AskedGroup, MarketOpening]]] = {}
    for item in judged:
        for profile, standing in item.standings:
            if isinstance(standing, NearMiss):
                profiles[profile.learner.learner_id] = profile
                unmet = item.asked.required[standing.unmet]
                lacking.setdefault(profile.learner.learner_id, []).append((unmet, item.opening))
    found = {learner_id: unlocked_by(profiles[learner_id], each, rules.catalog) for learner_id, each in lacking.items()}
    return {learner_id: each for learner_id, each in found.items() if each}


def _count(
    region: str, judged: Iterable[_Judged], profiles: Iterable[MatchingProfile], market: Market, rules: Rules
) -> CellCounts:
    counts = CellCounts(region)
    for item in judged:
        counts.add_opening(item.opening, demand_of(item.opening, item.asked))
        counts.replace_blocked({}, _blocked(item))
    for profile in profiles:
        counts.add_people(profile.supply, profile.in_training, profile.home_region == region)
    for cohort in market.cohorts:
        if cohort.region == region:
            counts.replace_seats({}, seats_of(cohort, rules))
    return counts


def _blocked(judged: _Judged) -> dict[str, int]:
    qualified, near = 0, [0] * len(judged.asked.required)
    for _, standing in judged.standings:
        if isinstance(standing, NearMiss):
            near[standing.unmet] += 1
        else:
            qualified += 1
    return blocked_of(judged.opening, judged.asked, qualified, near)


def _cells(counts: CellCounts, rules: Rules) -> Iterator[Cell]:
    for subject in counts.subjects():
        measure = counts.measure(subject, rules)
        level, ahead = level_without_history(measure, rules.policy), level_ahead_of(measure, rules.policy)
        yield Cell(counts.region, subject, level, ahead, measure)
