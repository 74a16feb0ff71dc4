"""An explanation shows all that decides: awards, forms, scores, gates, and the place on the list."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from examples import DAY, MILLING, PRINTS, TOMORROW, WELDING, award, catalog, definition, group, learner, opening
from explained_pairs import ONE_TABLE, explained, matched
from hypothesis import given, settings
from markets import Document, market_documents
from msgspec import structs

from contracts.vocabulary import AwardStatus, OpeningStatus, Shift
from matching.adapters.market_file.files import market_of
from matching.domain.evaluation.reference import evaluate
from matching.domain.explanation.cheapest_change import Beyond, Comparison
from matching.domain.explanation.findings import explain, place_on
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import Market
from matching.domain.rules.gates import Gate
from matching.domain.rules.profile import Rules
from matching.entrypoints.explanation_views import ExplanationView
from reference.places import Places


def test_every_award_says_whether_it_is_in_force_or_why_not(rules: Rules) -> None:
    awards = (
        award(MILLING),
        award(WELDING, "late", expires_on=DAY),
        award(WELDING, "soon", issued_on=TOMORROW),
        award(WELDING, "undated", issued_on=None),
        award(WELDING, "stopped", status=AwardStatus.SUSPENDED),
        award("not:defined", "odd"),
    )
    found = explain(opening(), learner(*awards), rules).awards
    assert [(each.in_force, each.why_not, each.defined) for each in found] == [
        (True, None, True),
        (False, "expired", True),
        (False, "not_issued_yet", True),
        (False, "not_issued", True),
        (False, "suspended", True),
        (True, None, False),
    ]


def test_a_form_names_the_holdings_it_is_held_through_and_they_their_awards(places: Places) -> None:
    known = catalog(definition("whole", composed_of=("a", "b")), definition("a"), definition("b"))
    ann = learner(award("a"), award("b", evidence="attested"))
    found = explain(opening(group("whole")), ann, Rules(known, Policy(), places, DAY))
    [[form]] = [each.alternatives for each in found.groups]
    assert (form.held, form.verified, form.through) == (True, False, ("whole",))
    shown = {each.credential: (each.awards, each.verified_awards) for each in found.holdings}
    assert shown["whole"] == (("award-of-a", "award-of-b"), ())
    assert shown["a"] == (("award-of-a",), ("award-of-a",))


def test_the_score_is_recomputed_from_what_is_shown(rules: Rules) -> None:
    job = opening(
        group(MILLING, group_id="needed"),
        group(WELDING, group_id="too"),
        group(PRINTS, necessity="preferred", group_id="liked", weight=3),
        group(("milling", 2), necessity="preferred", group_id="liked-too", weight=7),
        group(PRINTS, necessity="trainable", group_id="taught"),
    )
    found = explain(job, learner(award(MILLING), award(WELDING, evidence="attested")), rules)
    shown = ExplanationView.of(found, place_on([], found)).model_dump()
    parts = [
        (each["name"], each["weight"], each["numerator"], each["denominator"], each["value"]) for each in shown["components"]
    ]  # type: ignore[attr-defined]
    assert parts == [("preferred", 50, 7, 10, 7000), ("trainable", 30, 0, 1, 0), ("evidence", 20, 1, 2, 5000)]
    assert shown["score"] == {"numerator": 50 * 7000 + 20 * 5000, "denominator": 100, "value": 4500}


def test_a_score_without_components_is_full(rules: Rules) -> None:
    found = explain(opening(), learner(), rules)
    assert found.score is not None
    assert (found.score.denominator, found.score.value) == (0, 10_000)


def test_an_opening_that_is_not_live_says_everything_that_keeps_it_from_being(rules: Rules) -> None:
    shut = opening(status=OpeningStatus.CLOSED, filled=1, closes_on=DAY - timedelta(days=1))
    found = explain(shut, learner(), rules)
    assert (found.reason, found.barriers) == ("opening_not_live", ("not_open", "none_remaining", "expired"))


@pytest.mark.parametrize(
    ("dead", "needed"),
    [
        ({"status": OpeningStatus.FILLED}, [("status", Comparison.EQUALS, "open")]),
        ({"status": OpeningStatus.CLOSED}, [("status", Comparison.EQUALS, "open")]),
        ({"positions": 3, "filled": 3}, [("positions", Comparison.AT_LEAST, 4)]),
        ({"closes_on": DAY - timedelta(days=1)}, [("closes_on", Comparison.AT_LEAST, DAY.isoformat())]),
    ],
)
def test_nothing_of_the_learners_helps_while_the_opening_is_not_live(
    rules: Rules, dead: dict[str, Any], needed: list[tuple[str, Comparison, object]]
) -> None:
    for ann in (learner(award(MILLING)), learner(), learner(seeking=False, zip="99501")):
        change = explain(opening(group(MILLING), **dead), ann, rules).change
        assert change is not None
        assert (change.gates, change.steps, change.beyond) == ((), (), Beyond.OPENING_NOT_LIVE)
        assert [(each.field, each.comparison, each.value) for each in change.opening] == needed


@pytest.mark.parametrize("closes_on", [DAY, None])
def test_what_would_make_an_opening_live_again_does(rules: Rules, closes_on: date | None) -> None:
    shut = opening(group(MILLING), status=OpeningStatus.CLOSED, filled=1, closes_on=DAY - timedelta(days=1))
    change = explain(shut, learner(award(MILLING)), rules).change
    assert change is not None
    wanted = {each.field: each.value for each in change.opening}
    again = replace(shut, status=OpeningStatus(wanted["status"]), positions=wanted["positions"], closes_on=closes_on)
    assert explain(again, learner(award(MILLING)), rules).qualified


def test_every_failing_gate_comes_with_the_value_that_would_pass(rules: Rules) -> None:
    job = opening(start_by=DAY, shifts=frozenset({Shift.DAY, Shift.NIGHT}), wage_max=2000)
    ann = learner(seeking=False, consents_to_matching=False, zip="44256", reach_km=1)
    ann = structs.replace(ann, available_from=TOMORROW, shifts=frozenset({Shift.EVENING}), wage_floor=2100)
    found = explain(job, ann, rules)
    assert found.reason == "not_seeking"
    assert found.change is not None
    metres = rules.places.distance_m("44101", "44256")
    assert [(each.field, each.comparison, each.value) for each in found.change.gates] == [
        ("seeking", Comparison.EQUALS, True),
        ("consents_to_matching", Comparison.EQUALS, True),
        ("reach_km", Comparison.AT_LEAST, -(-metres // 1000)),
        ("available_from", Comparison.AT_MOST, DAY.isoformat()),
        ("shifts", Comparison.ANY_OF, ("day", "night")),
        ("wage_floor", Comparison.AT_MOST, 2000),
    ]


def test_a_place_beyond_the_longest_reach_is_said_to_be_out_of_the_question(rules: Rules) -> None:
    found = explain(opening(), learner(zip="99501"), rules)
    assert found.change is not None
    [far] = found.change.gates
    assert (far.gate, far.possible) == (Gate.OUT_OF_REACH, False)


def test_a_pair_that_is_outranked_sees_by_whom(rules: Rules) -> None:
    people = tuple(learner(award(MILLING, f"a{n:02}"), learner_id=f"l{n:02}") for n in range(12))
    job = opening(group(MILLING))
    market = Market(day=DAY, policy=Policy(), catalog=rules.catalog, openings=(job,), learners=people)
    listed = evaluate(market, rules.places).matches
    first, out = (place_on(listed, explain(job, people[n], rules)) for n in (0, 11))
    assert (first.rank, first.listed, first.size, first.outranked) == (1, 10, 10, False)
    assert (out.rank, out.outranked, out.last and out.last.learner_id) == (None, True, "l09")


@settings(max_examples=60, deadline=None, suppress_health_check=ONE_TABLE)
@given(document=market_documents())
def test_what_is_explained_is_what_is_evaluated(places: Places, document: Document) -> None:
    market = market_of(document, places)
    for job, ann, found in explained(market, places):
        match = matched(market, job, ann, places)
        assert found.qualified == (match is not None)
        if match is None:
            continue
        facts = match.facts
        parts = {each.name: each.value for each in found.components}
        assert parts == {name: getattr(facts.components, name) for name in parts}
        assert found.score is not None
        assert (found.score.value, tuple(each.outcome for each in found.groups)) == (facts.score, facts.outcomes)
