"""Whom an opening reaches: what is counted, that the engine counts the same, and that asking leaves nothing behind."""

from typing import Any

import market_oracle
import pytest
from examples import CLEVELAND_REGION, DAY, MILLING, PRINTS, WELDING, award, group, learner, opening, region
from hypothesis import HealthCheck, given, settings
from markets import Document, market_documents, market_from_seed
from msgspec import structs

from contracts.vocabulary import Shift
from matching.adapters.market_file.files import market_of
from matching.domain.evaluation.reach import evaluate_reach
from matching.domain.market.subjects import Market, MarketLearner, MarketOpening
from matching.domain.reach.counting import LackingCount, OpeningCounts
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import RegionState
from reference.places import Places

ONE_TABLE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def counted(places: Places, asked: MarketOpening, *people: MarketLearner) -> OpeningCounts:
    market = region(places)
    for number, person in enumerate(people):
        market.put_learner(structs.replace(person, learner_id=f"l{number}"))
    market.settle()
    return market.count_learners(asked)


def test_who_is_in_reach_is_counted_by_what_is_missing(places: Places) -> None:
    """Guards the meaning of every count by hand, of one opening with two required groups."""
    asked = opening(
        group(WELDING, group_id="weld"), group(MILLING, group_id="mill", verified_only=True), wage_max=2000, start_by=DAY
    )
    both = award(WELDING), award(MILLING)
    found = counted(
        places,
        asked,
        learner(*both),
        learner(award(WELDING)),
        learner(award(WELDING), award(MILLING, evidence="attested")),
        learner(award(MILLING)),
        learner(award(PRINTS)),
        learner(*both, wage_floor=2001),
        learner(*both, wage_floor=2001, available_from=DAY.replace(year=2027)),
        learner(*both, available_from=DAY.replace(year=2027)),
        learner(award(WELDING), wage_floor=2001),
        learner(*both, seeking=False),
        learner(*both, consents_to_matching=False),
        learner(*both, zip="90001"),
    )
    assert found == OpeningCounts(
        in_reach=9,
        pass_gates=5,
        qualified=1,
        near_misses=3,
        lacking=(LackingCount("weld", 1, None), LackingCount("mill", 2, 1)),
        held_back=(1, 0, 1),
    )


def test_without_required_groups_everyone_who_passes_is_qualified(places: Places) -> None:
    found = counted(places, opening(group(WELDING, necessity="preferred")), learner(), learner(wage_floor=9_000))
    assert (found.in_reach, found.pass_gates, found.qualified, found.near_misses, found.lacking) == (2, 2, 2, 0, ())


@pytest.mark.parametrize(
    ("asked", "expected"), [({"zip": "44113"}, 1), ({"zip": "43215"}, 0), ({"zip": None, "remote": True}, 1)]
)
def test_a_place_where_nobody_works_yet_is_measured_when_a_draft_asks(
    places: Places, asked: dict[str, Any], expected: int
) -> None:
    assert counted(places, opening(**asked), learner(remote_ok=True)).in_reach == expected


def test_shifts_hold_back_who_shares_none(places: Places) -> None:
    found = counted(places, opening(shifts=frozenset({Shift.DAY})), learner(shifts=frozenset({Shift.NIGHT})), learner())
    assert (found.pass_gates, found.held_back) == (1, (0, 1, 0))


def as_document(counts: OpeningCounts) -> Document:
    return {
        "in_reach": counts.in_reach,
        "pass_gates": counts.pass_gates,
        "qualified": counts.qualified,
        "near_misses": counts.near_misses,
        "lacking": [(each.group_id, each.near_misses, each.unverified) for each in counts.lacking],
        "held_back": list(counts.held_back),
    }


def demand_as_the_text_says(document: Document, places: Places) -> list[OpeningCounts]:
    """Every opening of the market is taken as a draft, so that those that are not live are asked about too."""
    market = market_of(document, places)
    reference = evaluate_reach(market, places, market.openings)
    for asked in document["openings"]:
        assert as_document(reference[asked["opening_id"]]) == market_oracle.evaluate_reach(document, asked)
    for name in {each.region for each in market.openings}:
        here = [each for each in market.openings if each.region == name]
        found = settled(name, market, places)
        assert {each.opening_id: found.count_learners(each) for each in here} == {
            e.opening_id: reference[e.opening_id] for e in here
        }
    return list(reference.values())


def settled(name: str, market: Market, places: Places) -> RegionMarket:
    """A market with the learners who reach the region and no opening."""
    reaching = [each for each in market.learners if name in places.reach(each.zip, each.reach_km, each.remote_ok)]
    state = RegionState(region=name, day=market.day, learners=reaching)
    found = RegionMarket(state, market.catalog, market.policy, places)
    found.settle()
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=ONE_TABLE)
@given(document=market_documents())
def test_every_market_is_counted_as_the_text_says(places: Places, document: Document) -> None:
    demand_as_the_text_says(document, places)


def test_larger_markets_are_counted_as_the_text_says(places: Places) -> None:
    """And they reach what the section speaks of."""
    found = [each for seed in range(12) for each in demand_as_the_text_says(market_from_seed(seed, 24, 60), places)]
    assert max(each.in_reach for each in found) > 20
    assert any(0 < each.qualified < each.pass_gates < each.in_reach for each in found)
    assert all(any(each.held_back[place] for each in found) for place in range(3))
    groups = [group for each in found for group in each.lacking]
    assert any(each.unverified and each.unverified < each.near_misses for each in groups)
    assert any(len(each.lacking) > 1 and all(group.near_misses for group in each.lacking) for each in found)


def test_asking_for_a_draft_leaves_nothing_behind(places: Places) -> None:
    """Guards that previews cost matching neither memory nor bitmaps that it keeps up to date."""
    market = region(places)
    market.put_opening(opening(group(WELDING)))
    market.put_learner(learner(award(WELDING)))
    market.settle()
    engine = market._engine
    before = [*measure_of(engine)]
    market.count_learners(opening(group((("milling"), 2), MILLING, verified_only=True), zip="44113", wage_max=1, start_by=DAY))
    assert [*measure_of(engine)] == before
    assert market.region == CLEVELAND_REGION


def measure_of(engine: Any) -> list[int]:
    index, openings = engine._index, engine.openings
    gates = [len(gate._bitmaps) for gate, _ in index._gates]
    return [*gates, len(index._held._bitmaps), len(index._verified._bitmaps), len(openings.points), len(engine._skills._rows)]
