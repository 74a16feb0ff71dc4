"""The cheapest change makes a pair qualify in the plain evaluation, and nothing cheaper does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import cast

import pytest
from examples import DAY, MILLING, PRINTS, TOMORROW, WELDING, award, catalog, definition, group, learner, opening
from explained_pairs import ONE_TABLE, explained, matched
from hypothesis import given, settings
from markets import Document, market_documents
from msgspec import structs

from contracts.vocabulary import AwardStatus, Evidence, Shift
from matching.adapters.market_file.files import market_of
from matching.domain.explanation.cheapest_change import Beyond, CheapestChange, GateChange, cheapest_change
from matching.domain.explanation.findings import explain
from matching.domain.explanation.training_steps import StepKind, TrainingStep
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import Market, MarketAward, MarketLearner, MarketOpening
from matching.domain.rules.gates import Gate, GateFinding, GateResult
from matching.domain.rules.profile import Rules, profile_of
from reference.places import Places


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


def test_every_gate_that_fails_has_its_change(rules: Rules) -> None:
    job = opening(start_by=DAY, shifts=frozenset({Shift.DAY}), wage_max=2000)
    ann = learner(
        zip="90012",
        seeking=False,
        consents_to_matching=False,
        available_from=TOMORROW,
        shifts=frozenset({Shift.NIGHT}),
        wage_floor=2500,
    )
    change = explain(job, ann, rules).change
    assert change is not None
    assert [each.gate for each in change.gates] == list(Gate)


def test_a_gate_without_a_change_is_refused(rules: Rules) -> None:
    """Guards: a new gate whose branch was forgotten."""
    unheard = GateFinding(cast(Gate, "unheard_of"), GateResult.FAILED, {})
    with pytest.raises(AssertionError, match="unheard_of"):
        cheapest_change(opening(), [unheard], [], profile_of(learner(), rules), rules.catalog)


def test_what_no_credential_leads_to_is_said_to_be_unknown(rules: Rules) -> None:
    change = explain(opening(group(MILLING), group(("milling", 4), group_id="b")), learner(), rules).change
    assert change == CheapestChange((), (), Beyond.NOTHING_KNOWN)


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
