"""Sections 8 and 9: the arithmetic of a score, and who is on the list."""

from datetime import date, timedelta

import pytest
from examples import DAY, MILLING, PRINTS, WELDING, award, catalog, group, learner, opening, region

from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketAward, MarketLearner, RequirementGroup
from matching.domain.rules.groups import ask
from matching.domain.rules.matches import ScoreParts
from matching.domain.rules.profile import Rules, profile_of
from matching.domain.rules.scoring import components_of, score_of
from matching.domain.rules.shortlist import shortlist_size
from reference.places import Places


def components(places: Places, groups: list[RequirementGroup], *awards: MarketAward) -> ScoreParts:
    rules = Rules(catalog(), Policy(), places, DAY)
    return components_of(ask(tuple(groups)), profile_of(learner(*awards), rules))


def test_a_component_is_the_share_of_met_weights_floored(places: Places) -> None:
    groups = [
        group(WELDING, necessity="preferred", group_id="p"),
        group(MILLING, necessity="preferred", group_id="q", weight=2),
    ]
    assert components(places, groups, award(WELDING)) == ScoreParts(3333, None, None)
    assert components(places, groups, award(MILLING)) == ScoreParts(6666, None, None)


def test_trainable_groups_have_a_component_of_their_own(places: Places) -> None:
    groups = [group(WELDING, necessity="trainable"), group(MILLING, necessity="preferred", group_id="p")]
    assert components(places, groups, award(WELDING)) == ScoreParts(0, 10_000, None)


def test_evidence_counts_required_groups_met_with_verified_evidence(places: Places) -> None:
    groups = [group(WELDING, group_id="a"), group(MILLING, group_id="b"), group(PRINTS, group_id="c", weight=9)]
    awards = [award(WELDING), award(MILLING, evidence="attested"), award(PRINTS, evidence="attested")]
    assert components(places, groups, *awards) == ScoreParts(None, None, 3333)


@pytest.mark.parametrize(
    ("parts", "score"),
    [
        (ScoreParts(None, None, None), 10_000),
        (ScoreParts(3333, None, None), 3333),
        (ScoreParts(3333, 6666, 10_000), (50 * 3333 + 30 * 6666 + 20 * 10_000) // 100),
        (ScoreParts(3333, None, 5000), (50 * 3333 + 20 * 5000) // 70),
        (ScoreParts(None, 1, 0), 0),
    ],
)
def test_a_score_is_the_weighted_mean_of_the_defined_components(parts: ScoreParts, score: int) -> None:
    assert score_of(parts, Policy()) == score


@pytest.mark.parametrize(("positions", "filled", "size"), [(1, 0, 10), (2, 0, 10), (3, 0, 15), (20, 17, 15), (21, 0, 100)])
def test_a_shortlist_is_five_for_a_position_from_ten_to_a_hundred(positions: int, filled: int, size: int) -> None:
    assert shortlist_size(opening(positions=positions, filled=filled), Policy()) == size


def listed(places: Places, *people: MarketLearner, policy: Policy | None = None) -> list[str]:
    market = region(places, policy)
    market.put_opening(opening(group(WELDING, necessity="preferred")))
    for person in people:
        market.put_learner(person)
    market.settle()
    ranked = market.shortlist("job")
    assert [match.rank for match in ranked] == list(range(1, len(ranked) + 1))
    return [match.learner_id for match in ranked]


def test_the_better_score_is_first_then_who_has_been_seeking_longest_then_the_id(places: Places) -> None:
    long_ago = DAY - timedelta(days=90)
    people = [
        learner(learner_id="e-absent"),
        learner(learner_id="d-absent"),
        learner(learner_id="c-today", seeking_since=DAY),
        learner(learner_id="b-long", seeking_since=long_ago),
        learner(award(WELDING), learner_id="z-best"),
    ]
    assert listed(places, *people) == ["z-best", "b-long", "c-today", "d-absent", "e-absent"]


def test_even_the_last_date_comes_before_an_absent_one(places: Places) -> None:
    people = [learner(learner_id="a-absent"), learner(learner_id="b-last", seeking_since=date.max)]
    assert listed(places, *people) == ["b-last", "a-absent"]


def test_ids_are_ordered_by_code_point(places: Places) -> None:
    assert listed(places, *(learner(learner_id=name) for name in ("a", "B", "é", "10", "9"))) == ["10", "9", "B", "a", "é"]


def test_the_list_is_cut_at_its_size(places: Places) -> None:
    people = [learner(learner_id=f"l{number:02}") for number in range(12)]
    assert listed(places, *people) == [f"l{number:02}" for number in range(10)]
