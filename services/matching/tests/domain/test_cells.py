"""Section 12: the numbers of a cell."""

from datetime import timedelta

import pytest
from examples import (
    DAY,
    MILLING,
    PRINTS,
    WELDING,
    award,
    catalog,
    cohort,
    definition,
    group,
    learner,
    measure,
    opening,
    region,
)

from contracts.vocabulary import AwardStatus
from matching.domain.cells.measuring import employer_share_of, tightness_of
from matching.domain.market.policy import Policy
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import Ending
from reference.places import Places


def test_demand_is_a_share_of_each_remaining_position_floored_for_each_group(places: Places) -> None:
    market = region(places)
    shared = group(WELDING, MILLING, PRINTS, group_id="a")
    market.put_opening(opening(shared, group(WELDING, group_id="b"), positions=3, filled=1))
    market.put_opening(opening(shared, opening_id="other", employer_id="plant"))
    found = measure(places, market)
    assert found.demand == 2000 // 3 + 2000 + 1000 // 3
    assert (found.openings, found.employers) == (2, 2)
    assert measure(places, market, f"credential:{MILLING}").demand == 2000 // 3 + 1000 // 3


def test_the_largest_share_of_one_employer_is_of_the_demand(places: Places) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING, MILLING), opening_id="a", employer_id="works", positions=3))
    market.put_opening(opening(group(WELDING), opening_id="b", employer_id="works"))
    market.put_opening(opening(group(WELDING), opening_id="c", employer_id="plant", positions=2))
    assert employer_share(places, market) == 1000 * 2500 // 4500
    market.put_opening(opening(group(WELDING), opening_id="b", employer_id="works", version=2, status="closed"))
    assert employer_share(places, market) == 1000 * 2000 // 3500
    market.put_opening(opening(group(WELDING), opening_id="c", employer_id="plant", version=2, status="closed"))
    assert employer_share(places, market) == 1000


def employer_share(places: Places, market: RegionMarket) -> int:
    return measure(places, market).employer_share


def test_without_demand_nobody_has_a_share_of_it() -> None:
    assert employer_share_of(0, 0) == 0


def test_only_required_groups_of_live_openings_make_cells(places: Places) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING, necessity="preferred"), group(MILLING, necessity="trainable", group_id="t")))
    market.put_opening(opening(group(PRINTS), opening_id="late", closes_on=DAY - timedelta(days=1)))
    market.settle()
    assert market.cells() == ()


def test_supply_counts_seekers_who_consent_whatever_else_keeps_them_away(places: Places) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING), wage_max=1000))
    held = award(WELDING, evidence="attested")
    market.put_learner(learner(held, learner_id="dear", wage_floor=9000))
    market.put_learner(learner(held, learner_id="neighbour", zip="44067", reach_km=30))
    market.put_learner(learner(held, learner_id="settled", seeking=False))
    market.put_learner(learner(held, learner_id="private", consents_to_matching=False))
    market.put_learner(learner(learner_id="without"))
    found = measure(places, market)
    assert (found.supply, found.supply_home) == (2, 1)


@pytest.mark.parametrize(("days", "counted"), [(-40, 1), (0, 1), (180, 1), (181, 0)])
def test_the_pipeline_counts_awards_expected_within_the_horizon(places: Places, days: int, counted: int) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING)))
    in_progress = {"status": AwardStatus.IN_PROGRESS, "issued_on": None}
    market.put_learner(learner(award(WELDING, **in_progress, expected_on=DAY + timedelta(days=days))))
    market.put_learner(learner(award(WELDING, **in_progress), learner_id="no-date"))
    held = award(WELDING), award(WELDING, "again", **in_progress, expected_on=DAY)
    market.put_learner(learner(*held, learner_id="holder"))
    assert measure(places, market).pipeline == counted


@pytest.mark.parametrize(("days", "seats"), [(0, 0), (1, 6), (180, 6), (181, 0)])
def test_the_pipeline_counts_open_seats_that_end_within_the_horizon(places: Places, days: int, seats: int) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING)))
    market.put_cohort(cohort(ends_on=DAY + timedelta(days=days)))
    market.put_cohort(cohort(cohort_id="overbooked", enrolled=11))
    market.put_cohort(cohort(cohort_id="other", credential=MILLING))
    found = measure(places, market)
    assert (found.pipeline, found.tightness, found.tightness_ahead) == (seats, 1500, 1000 * 3000 // (1000 * seats + 2000))


def test_open_seats_follow_the_definition_of_a_credential_that_no_learner_has(places: Places) -> None:
    market = region(places)
    market.put_opening(opening(group(PRINTS)))
    market.put_cohort(cohort())
    assert measure(places, market, f"credential:{PRINTS}").pipeline == 0
    market.set_catalog(catalog(definition(WELDING, implies=(PRINTS,)), definition(PRINTS)))
    assert pipeline_of(market, PRINTS) == 6
    market.set_catalog(catalog(definition(WELDING), definition(PRINTS)))
    assert pipeline_of(market, PRINTS) == 0


def pipeline_of(market: RegionMarket, credential: str) -> int:
    market.settle()
    cell = market.cell(f"credential:{credential}")
    assert cell is not None
    return cell.measure.pipeline


def test_blocked_is_the_positions_that_near_misses_could_fill_once_for_each_opening(places: Places) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING, MILLING, group_id="a"), group(PRINTS, group_id="b"), positions=3))
    market.put_learner(learner(award(WELDING), award(PRINTS), learner_id="qualified"))
    for number in range(3):
        market.put_learner(learner(award(PRINTS), learner_id=f"near{number}"))
    market.put_learner(learner(award(WELDING), learner_id="lacks-prints"))
    assert measure(places, market).blocked == 2
    assert measure(places, market, f"credential:{MILLING}").blocked == 2
    assert measure(places, market, f"credential:{PRINTS}").blocked == 1


def test_tightness_is_smoothed_and_floored() -> None:
    assert tightness_of(0, 0, Policy()) == 1000
    assert tightness_of(5000, 2, Policy()) == 1000 * 7000 // 4000
    assert tightness_of(0, 1, Policy()) == 666


def test_a_learner_who_leaves_is_supply_no_more(places: Places) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING)))
    market.put_learner(learner(award(WELDING)))
    assert measure(places, market).supply == 1
    market.remove_learner("ann", 2, Ending.WITHDRAWN)
    assert measure(places, market).supply == 0
