"""Section 11: which openings a pathway names. The engine and the reference are compared with cases that are plain by eye."""

import pytest
from examples import CLEVELAND_REGION, DAY, MILLING, WELDING, award, catalog, group, learner, opening

from matching.domain.evaluation.by_engine import evaluate_by_regions
from matching.domain.evaluation.reference import evaluate
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import Market, MarketOpening
from matching.domain.pathways.unlocking import Unlocked
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import RegionState
from reference.places import Places


def job(opening_id: str, positions: int, *asked: str) -> MarketOpening:
    return opening(group(*(asked or (MILLING,))), opening_id=opening_id, positions=positions)


def unlocked(places: Places, *openings: MarketOpening) -> tuple[Unlocked, ...]:
    """What the pathway of a welder says, by the reference; the engine must say the same."""
    ann = learner(award(WELDING), learner_id="ann")
    market = Market(day=DAY, policy=Policy(), catalog=catalog(), openings=openings, learners=(ann,))
    expected = evaluate(market, places).pathways
    assert evaluate_by_regions(market, places).pathways == expected
    return expected.get("ann", ())


def test_those_with_the_most_remaining_positions_are_named_and_ties_go_by_id(places: Places) -> None:
    jobs = (job("d", 1), job("c", 5), job("b", 1), job("a", 1), job("e", 2))
    [milling] = [each for each in unlocked(places, *jobs) if each.credential == MILLING]
    assert (milling.unlocked, milling.openings) == (10, ("c", "e", "a"))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_fewer_than_three_are_all_named(places: Places, count: int) -> None:
    jobs = [job(f"o{number}", 1) for number in range(count)]
    assert {each.openings for each in unlocked(places, *jobs)} == {tuple(each.opening_id for each in jobs)}


def test_one_that_the_credential_would_not_open_is_not_named(places: Places) -> None:
    """Guards: an opening is counted for the group that it lacks, and two openings lack different ones."""
    both = job("both", 9, MILLING, "nims:prints")
    found = {each.credential: each.openings for each in unlocked(places, both, job("milling", 1), job("welding", 8, WELDING))}
    assert found[MILLING] == ("both", "milling")
    assert all("welding" not in openings for openings in found.values())


def test_names_follow_openings_that_change_and_close(places: Places) -> None:
    """Guards: the engine keeps openings in their order, which must not outlive a change."""
    market = RegionMarket(RegionState(region=CLEVELAND_REGION, day=DAY), catalog(), Policy(), places)
    market.put_learner(learner(award(WELDING), learner_id="ann"))
    seen = []
    for version, (first, second) in enumerate([(1, 2), (3, 2), (0, 2)], start=1):
        for opening_id, positions in (("first", first), ("second", second)):
            state = opening(group(MILLING), opening_id=opening_id, positions=4, filled=4 - positions, version=version)
            market.put_opening(state)
        market.settle()
        seen.append({each.credential: each.openings for each in market.unlocked("ann")}[MILLING])
    assert seen == [("second", "first"), ("first", "second"), ("second",)]
