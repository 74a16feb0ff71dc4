"""An explanation shows all that decides, and its cheapest change holds in the plain evaluation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from examples import DAY, MILLING, PRINTS, TOMORROW, WELDING, award, catalog, definition, group, learner, opening
from hypothesis import HealthCheck, given, settings
from markets import Document, market_documents
from msgspec import structs

from contracts.vocabulary import AwardStatus, Evidence, OpeningStatus, Shift
from matching.adapters.market_file.files import market_of
from matching.domain.evaluation.reference import evaluate
from matching.domain.explanation.cheapest_change import Beyond, CheapestChange, Comparison, GateChange
from matching.domain.explanation.findings import Explanation, explain, place_on
from matching.domain.explanation.training_steps import StepKind, TrainingStep
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import Market, MarketAward, MarketLearner, MarketOpening
from matching.domain.rules.gates import Gate
from matching.domain.rules.matches import RankedMatch
from matching.domain.rules.profile import Rules
from matching.entrypoints.explanation_views import ExplanationView
from reference.places import Places

ONE_TABLE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture
def rules(places: Places) -> Rules:
    return Rules(catalog(), Policy(), places, DAY)


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


def steps_of(job: MarketOpening, ann: MarketLearner, rules: Rules) -> list[tuple[str, str]]:
    change = explain(job, ann, rules).change
    assert change is not None
    return [(step.kind.value, step.award_id or step.credential) for step in change.steps]


def test_the_shortest_training_that_does_alone_is_the_cheapest_change(places: Places) -> None:
    known = catalog(
        definition("long", training_weeks=9),
        definition("short", training_weeks=2, implies=("long",)),
        definition("unknown", implies=("long",)),
    )
    assert steps_of(opening(group("long")), learner(), Rules(known, Policy(), places, DAY)) == [("earn", "short")]


def test_the_last_module_completes_the_whole(places: Places) -> None:
    known = catalog(definition("whole", training_weeks=20, composed_of=("a", "b")), definition("a"), definition("b"))
    known = catalog(*(replace(each, training_weeks=each.training_weeks or 3) for each in known.credentials.values()))
    assert steps_of(opening(group("whole")), learner(award("a")), Rules(known, Policy(), places, DAY)) == [("earn", "b")]


def test_verifying_what_is_held_comes_before_earning_it_again(rules: Rules) -> None:
    job = opening(group(WELDING, verified_only=True))
    ann = learner(award(WELDING, "word", evidence="attested"))
    assert steps_of(job, ann, rules) == [("verify", "word")]


def test_every_change_is_named_when_one_is_not_enough(rules: Rules) -> None:
    job = opening(group(WELDING, verified_only=True, group_id="a"), group(PRINTS, group_id="b"), group(MILLING, group_id="c"))
    ann = learner(award(WELDING, "word", evidence="attested"))
    assert steps_of(job, ann, rules) == [("verify", "word"), ("earn", MILLING), ("earn", PRINTS)]


@pytest.mark.parametrize(
    ("weeks", "cheapest"),
    [
        ({"whole": 9, "a": 3, "b": 3, "c": 2}, ["c", "a", "b"]),
        ({"whole": 8, "a": 3, "b": 3, "c": 2}, ["whole"]),
        ({"whole": None, "a": 30, "b": 30, "c": 30}, ["a", "b", "c"]),
        ({"whole": 90, "a": 1, "b": 1, "c": None}, ["whole"]),
        ({"whole": None, "a": 1, "b": 1, "c": None}, ["whole"]),
    ],
)
def test_least_training_counts_before_fewest_steps(places: Places, weeks: dict[str, int | None], cheapest: list[str]) -> None:
    """A whole, or its three parts; of equal training the fewer steps, and what is unknown is longer than what is known."""
    known = catalog(
        definition("whole", training_weeks=weeks["whole"], composed_of=("a", "b", "c")),
        *(definition(part, training_weeks=weeks[part]) for part in "abc"),
    )
    rules = Rules(known, Policy(), places, DAY)
    assert steps_of(opening(group("whole")), learner(), rules) == [("earn", each) for each in cheapest]


def test_one_training_for_two_groups_is_weighed_against_one_for_each(places: Places) -> None:
    for both, cheapest in ((4, [("earn", "both")]), (5, [("earn", "one"), ("earn", "other")])):
        known = catalog(
            definition("both", training_weeks=both, implies=("one", "other")),
            definition("one", training_weeks=2),
            definition("other", training_weeks=2),
        )
        job = opening(group("one", group_id="a"), group("other", group_id="b"))
        assert steps_of(job, learner(), Rules(known, Policy(), places, DAY)) == cheapest


def test_of_equal_cost_verifying_comes_first_and_then_the_id(places: Places) -> None:
    known = catalog(*(definition(each, training_weeks=0) for each in ("b", "a", "held")))
    rules = Rules(known, Policy(), places, DAY)
    either = opening(group("b", "a", "held", verified_only=True))
    assert steps_of(either, learner(), rules) == [("earn", "a")]
    ann = learner(award("held", "word-2", evidence="attested"), award("held", "word-1", evidence="attested"))
    assert steps_of(either, ann, rules) == [("verify", "word-1")]


def test_a_cycle_of_certificate_and_modules_adds_no_step(places: Places) -> None:
    parts = ("a", "b")
    known = catalog(
        definition("whole", training_weeks=20, composed_of=parts, implies=parts),
        *(definition(part, training_weeks=4) for part in parts),
    )
    rules = Rules(known, Policy(), places, DAY)
    assert steps_of(opening(group("whole")), learner(), rules) == [("earn", "a"), ("earn", "b")]
    assert steps_of(opening(group("a")), learner(award("b")), rules) == [("earn", "a")]


def test_many_groups_with_many_ways_are_found_at_once(places: Places) -> None:
    many = {
        f"{place}-{number}": definition(f"{place}-{number}", training_weeks=30 - number, implies=(f"{place}-0",))
        for place in range(8)
        for number in range(20)
    }
    job = opening(*(group(f"{place}-0", group_id=f"g{place}") for place in range(8)))
    rules = Rules(catalog(*many.values()), Policy(), places, DAY)
    assert steps_of(job, learner(), rules) == [("earn", f"{place}-19") for place in range(8)]


def test_what_no_credential_leads_to_is_said_to_be_unknown(rules: Rules) -> None:
    change = explain(opening(group(MILLING), group(("milling", 4), group_id="b")), learner(), rules).change
    assert change == CheapestChange((), (), Beyond.NOTHING_KNOWN)


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


@settings(max_examples=60, deadline=None, suppress_health_check=ONE_TABLE)
@given(document=market_documents())
def test_the_cheapest_change_makes_the_pair_qualify(places: Places, document: Document) -> None:
    market = market_of(document, places)
    for job, ann, found in explained(market, places):
        change = found.change
        if change is None or found.barriers or change.beyond or not all(each.possible for each in change.gates):
            continue
        assert matched(market, job, changed(ann, change, market.day), places) is not None


@settings(max_examples=25, deadline=None, suppress_health_check=ONE_TABLE)
@given(document=market_documents())
def test_nothing_cheaper_would_do(places: Places, document: Document) -> None:
    """Tried one by one and two by two over the whole catalog and all attested awards."""
    market = market_of(document, places)
    for job, ann, found in explained(market, places):
        if found.change is None or found.barriers or not found.unmet:
            continue
        gates, held = found.change.gates, {each.credential for each in found.holdings}
        if not all(each.possible for each in gates):
            continue
        steps = every_step(market, ann, held)
        tried = [*((step,) for step in steps), *combinations(steps, 2)]
        enough = [each for each in tried if qualifies(market, job, ann, gates, each, places)]
        named = found.change.steps
        if enough:
            assert found.change.beyond is None
            best = min(enough, key=by_cost)
            assert by_cost(named) <= by_cost(best)
            assert len(named) > 2 or set(named) == set(best)
        else:
            assert found.change.beyond is not None or len(named) > 2


def explained(market: Market, places: Places) -> list[tuple[MarketOpening, MarketLearner, Explanation]]:
    rules = Rules(market.catalog, market.policy, places, market.day)
    return [(job, ann, explain(job, ann, rules)) for job in market.openings for ann in market.learners]


def matched(market: Market, job: MarketOpening, ann: MarketLearner, places: Places) -> RankedMatch | None:
    """The match of a pair where nobody else competes."""
    matches = evaluate(replace(market, openings=(job,), learners=(ann,), cohorts=()), places).matches
    return matches[0] if matches else None


def qualifies(
    market: Market,
    job: MarketOpening,
    ann: MarketLearner,
    gates: tuple[GateChange, ...],
    steps: tuple[TrainingStep, ...],
    places: Places,
) -> bool:
    return matched(market, job, changed(ann, CheapestChange(gates, steps), market.day), places) is not None


def every_step(market: Market, ann: MarketLearner, held: set[str]) -> list[TrainingStep]:
    attested = [each for each in ann.awards if each.in_force_on(market.day) and each.evidence == Evidence.ATTESTED]
    earned = [each for each in market.catalog.credentials.values() if each.id not in held]
    return [TrainingStep(StepKind.VERIFY, each.credential, 0, each.award_id) for each in attested] + [
        TrainingStep(StepKind.EARN, each.id, each.training_weeks) for each in earned
    ]


def by_cost(steps: Sequence[TrainingStep]) -> tuple[object, ...]:
    """Least training first, an unknown one longest; then the fewest steps; then verifying, and ids."""
    unknown, weeks = sum(step.weeks is None for step in steps), sum(step.weeks or 0 for step in steps)
    return (
        unknown,
        weeks,
        len(steps),
        sorted((step.kind == StepKind.EARN, step.award_id or step.credential) for step in steps),
    )


def changed(ann: MarketLearner, change: CheapestChange, day: date) -> MarketLearner:
    """The learner after everything that a change names."""
    for gate in change.gates:
        ann = structs.replace(ann, **{gate.field: wanted(ann, gate)})  # type: ignore[arg-type]
    verified = {step.award_id for step in change.steps if step.kind == StepKind.VERIFY}
    awards = [structs.replace(each, evidence=Evidence.VERIFIED) if each.award_id in verified else each for each in ann.awards]
    for number, step in enumerate(each for each in change.steps if each.kind == StepKind.EARN):
        awards.append(
            MarketAward(
                award_id=f"new-{number}",
                credential=step.credential,
                status=AwardStatus.ACTIVE,
                evidence=Evidence.VERIFIED,
                issued_on=day,
            )
        )
    return structs.replace(ann, awards=tuple(awards))


def wanted(ann: MarketLearner, gate: GateChange) -> object:
    if isinstance(gate.value, tuple):
        return ann.shifts | {Shift(gate.value[0])}
    return date.fromisoformat(gate.value) if isinstance(gate.value, str) else gate.value
