"""Two evaluations of one state, compared."""

from dataclasses import replace

from examples import CLEVELAND_REGION, DAY, MILLING, PRINTS, award, catalog, group, learner, opening
from hypothesis import HealthCheck, given, settings
from markets import Document, market_documents

from matching.adapters.market_file.files import market_of
from matching.application.replaying import RegionUnderRules, replay
from matching.domain.cells.shortage_cell import Level
from matching.domain.evaluation.proposed_rules import ProposedRules
from matching.domain.evaluation.reference import evaluate
from matching.domain.evaluation.replay import RegionReplay, totals
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import Market
from reference.places import Places

ONE_TABLE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
OTHER = {"weight_evidence": 90, "weight_preferred": 1, "shortlist_min": 1, "shortlist_max": 2, "guard_openings": 1}


def changed(market: Market, policy: Policy, places: Places, **yesterday: Level) -> RegionReplay:
    levels = {f"credential:{name}": level for name, level in yesterday.items()}
    proposed = ProposedRules(policy, market.catalog, (), (), has_catalog=False)
    return replay(RegionUnderRules(CLEVELAND_REGION, market, levels), proposed, places)


@settings(max_examples=50, deadline=None, suppress_health_check=ONE_TABLE)
@given(document=market_documents())
def test_going_there_and_back_gains_what_was_lost(places: Places, document: Document) -> None:
    market = market_of(document, places)
    other = replace(market.policy, **OTHER)
    there, back = changed(market, other, places), changed(replace(market, policy=other), market.policy, places)
    assert (there.gained, there.lost) == (back.lost, back.gained)
    assert [(each.before, each.after) for each in there.rescored] == [(each.after, each.before) for each in back.rescored]
    assert [(each.before, each.after) for each in there.reranked] == [(each.after, each.before) for each in back.reranked]
    assert totals([there, back])["revised"] == 2 * there.revised


@settings(max_examples=20, deadline=None, suppress_health_check=ONE_TABLE)
@given(document=market_documents())
def test_a_replay_is_the_same_by_the_plain_evaluation(places: Places, document: Document) -> None:
    market = market_of(document, places)
    stored = RegionUnderRules(CLEVELAND_REGION, market, {})
    proposed = ProposedRules(replace(market.policy, **OTHER), market.catalog, (), (), has_catalog=False)
    assert replay(stored, proposed, places) == replay(stored, proposed, places, evaluate)


@settings(max_examples=20, deadline=None, suppress_health_check=ONE_TABLE)
@given(document=market_documents())
def test_the_same_rules_change_nothing(places: Places, document: Document) -> None:
    market = market_of(document, places)
    assert not any(changed(market, replace(market.policy, version=9), places).counts.values())


def test_a_changed_weight_ranks_again_who_keeps_the_place(places: Places) -> None:
    job = opening(group(MILLING), group(PRINTS, necessity="preferred", group_id="liked"))
    liked = learner(award(MILLING, "a", evidence="attested"), award(PRINTS, "b"), learner_id="liked")
    proved = learner(award(MILLING, "c"), learner_id="proved")
    market = Market(day=DAY, policy=Policy(), catalog=catalog(), openings=(job,), learners=(liked, proved))
    found = changed(market, Policy(version=2, weight_evidence=100), places)
    assert [(each.after.learner_id, each.before.rank, each.after.rank) for each in found.reranked] == [
        ("liked", 1, 2),
        ("proved", 2, 1),
    ]
    assert found.counts == {"gained": 0, "lost": 0, "reranked": 2, "rescored": 2, "revised": 2, "levels": 0, "levels_ahead": 0}


def test_a_level_goes_down_from_that_of_yesterday(places: Places) -> None:
    """Tightness is 3500: clearly below a threshold of 9000, and not clearly below one of 3600."""
    jobs = tuple(opening(group(MILLING), opening_id=f"o{n}", employer_id=f"e{n}") for n in range(5))
    market = Market(day=DAY, policy=Policy(), catalog=catalog(), openings=jobs)
    yesterday = {MILLING: Level.SEVERE}
    far = changed(market, Policy(version=2, threshold_severe=9000), places, **yesterday)
    assert [(each.before, each.after) for each in far.levels] == [(Level.SEVERE, Level.SHORTAGE)]
    near = changed(market, Policy(version=2, threshold_severe=3600), places, **yesterday)
    assert near.levels == ()


def test_a_level_ahead_changes_without_regard_to_yesterday(places: Places) -> None:
    """Guards: each change of a level ahead is published, so a trial that is silent about it predicts too little."""
    jobs = tuple(opening(group(MILLING), opening_id=f"o{n}", employer_id=f"e{n}") for n in range(5))
    market = Market(day=DAY, policy=Policy(), catalog=catalog(), openings=jobs)
    found = changed(market, Policy(version=2, threshold_severe=3600), places, **{MILLING: Level.SEVERE})
    assert found.levels == ()
    assert [(each.before, each.after) for each in found.levels_ahead] == [(Level.SEVERE, Level.SHORTAGE)]
    assert found.counts["levels_ahead"] == 1
