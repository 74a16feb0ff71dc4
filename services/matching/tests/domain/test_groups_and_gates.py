"""Sections 4 to 7: awards in force, groups, gates, and who is qualified."""

from datetime import timedelta

import pytest
from examples import CLEVELAND, DAY, MILLING, PRINTS, TOMORROW, WELDING, award, catalog, group, learner, opening

from contracts.vocabulary import AwardStatus, Shift
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketAward, MarketLearner, MarketOpening, RequirementGroup
from matching.domain.rules.gates import Gate, GateResult, examine_gates, first_failing_gate, unknown_gates
from matching.domain.rules.groups import ask, outcome_of
from matching.domain.rules.matches import OutcomeOfGroup
from matching.domain.rules.pairing import NearMiss, Qualified, standing_of
from matching.domain.rules.profile import Rules, profile_of
from reference.places import Places

YESTERDAY = DAY - timedelta(days=1)
NORTHFIELD = "44067"


@pytest.mark.parametrize(
    ("changed", "in_force"),
    [
        ({}, True),
        ({"issued_on": DAY}, True),
        ({"issued_on": TOMORROW}, False),
        ({"issued_on": None}, False),
        ({"expires_on": TOMORROW}, True),
        ({"expires_on": DAY}, False),
        ({"status": AwardStatus.IN_PROGRESS}, False),
        ({"status": AwardStatus.SUSPENDED}, False),
        ({"status": AwardStatus.REVOKED}, False),
    ],
)
def test_an_award_is_in_force_from_its_issue_until_the_day_before_it_expires(
    changed: dict[str, object], in_force: bool
) -> None:
    assert award(WELDING, **changed).in_force_on(DAY) == in_force


def outcome(asked: RequirementGroup, places: Places, *awards: MarketAward) -> OutcomeOfGroup:
    rules = Rules(catalog(), Policy(), places, DAY)
    return outcome_of(ask((asked,)).all[0], profile_of(learner(*awards), rules), rules.catalog)


def test_a_group_is_met_by_any_of_its_alternatives(places: Places) -> None:
    met = outcome(group(WELDING, MILLING), places, award(MILLING, "m"))
    assert (met.met, met.evidence, met.awards) == (True, "verified", ("m",))


def test_a_competency_is_met_at_its_level_or_above(places: Places) -> None:
    assert outcome(group(("milling", 3)), places, award(MILLING)).met
    assert not outcome(group(("milling", 4)), places, award(MILLING)).met


def test_an_unmet_group_has_no_evidence_and_no_awards(places: Places) -> None:
    assert outcome(group(PRINTS), places, award(MILLING)) == OutcomeOfGroup("g", False, awards=(), evidence=None)


def test_verified_evidence_names_the_verified_awards_alone(places: Places) -> None:
    awards = (award(WELDING, "word", "attested"), award(MILLING, "z-proof"), award(MILLING, "a-proof"))
    met = outcome(group(WELDING, MILLING), places, *awards)
    assert (met.evidence, met.awards) == ("verified", ("a-proof", "z-proof"))


def test_attested_evidence_names_every_award_that_supports_it(places: Places) -> None:
    met = outcome(group(WELDING), places, award(WELDING, "b", "attested"), award(WELDING, "a", "attested"))
    assert (met.evidence, met.awards) == ("attested", ("a", "b"))


def test_a_provider_s_word_does_not_meet_a_group_that_wants_proof(places: Places) -> None:
    wants_proof = group(WELDING, verified_only=True)
    assert not outcome(wants_proof, places, award(WELDING, evidence="attested")).met
    assert outcome(wants_proof, places, award(WELDING)).met


def test_identical_alternatives_count_once() -> None:
    assert len(group(WELDING, WELDING, ("milling", 2), ("milling", 2)).any_of) == 2


GATES = [
    (Gate.NOT_SEEKING, {}, {"seeking": False}),
    (Gate.NO_CONSENT, {}, {"consents_to_matching": False}),
    (Gate.OUT_OF_REACH, {"zip": NORTHFIELD}, {"reach_km": 1}),
    (Gate.OUT_OF_REACH, {"zip": None, "remote": True}, {"remote_ok": False}),
    (Gate.UNAVAILABLE, {"start_by": DAY}, {"available_from": TOMORROW}),
    (Gate.SHIFT_CONFLICT, {"shifts": {Shift.DAY, Shift.WEEKEND}}, {"shifts": {Shift.NIGHT}}),
    (Gate.PAY_CONFLICT, {"wage_max": 1999}, {"wage_floor": 2000}),
]
OPEN_GATES = [
    ({"zip": None, "remote": True}, {"remote_ok": True}),
    ({"start_by": DAY}, {"available_from": DAY}),
    ({"start_by": None}, {"available_from": TOMORROW}),
    ({"start_by": DAY}, {"available_from": None}),
    ({"shifts": {Shift.DAY, Shift.NIGHT}}, {"shifts": {Shift.NIGHT}}),
    ({"shifts": frozenset()}, {"shifts": {Shift.NIGHT}}),
    ({"shifts": {Shift.NIGHT}}, {"shifts": frozenset()}),
    ({"wage_max": 2000}, {"wage_floor": 2000}),
    ({"wage_max": None}, {"wage_floor": 2000}),
    ({"wage_max": 1}, {"wage_floor": None}),
]


@pytest.mark.parametrize(("gate", "asked", "offered"), GATES)
def test_each_gate_fails_on_its_own_condition(
    places: Places, gate: Gate, asked: dict[str, object], offered: dict[str, object]
) -> None:
    assert first_failing_gate(opening(**asked), learner(**offered), places) == gate


@pytest.mark.parametrize(("asked", "offered"), OPEN_GATES)
def test_what_is_equal_unknown_or_overlapping_passes(
    places: Places, asked: dict[str, object], offered: dict[str, object]
) -> None:
    assert first_failing_gate(opening(**asked), learner(**offered), places) is None


def test_the_first_gate_that_fails_in_the_order_of_the_section_is_the_reason(places: Places) -> None:
    one_of_each = [GATES[index] for index in (0, 1, 2, 4, 5, 6)]
    asked = {name: value for _, fields, _ in one_of_each for name, value in fields.items()}
    offered = {name: value for _, _, fields in one_of_each for name, value in fields.items()}
    for gate, _, mine in one_of_each:
        assert first_failing_gate(opening(**asked), learner(**offered), places) == gate
        offered = {name: value for name, value in offered.items() if name not in mine}


def test_reach_ends_at_the_whole_metre(places: Places) -> None:
    far = next(zip_code for zip_code in ("44256", NORTHFIELD) if places.distance_m(CLEVELAND, zip_code) % 1000)
    kilometres = places.distance_m(CLEVELAND, far) // 1000
    assert first_failing_gate(opening(zip=far), learner(reach_km=kilometres), places) == Gate.OUT_OF_REACH
    assert first_failing_gate(opening(zip=far), learner(reach_km=kilometres + 1), places) is None


def test_unknown_gates_are_those_that_lack_a_value() -> None:
    assert unknown_gates(opening(), learner()) == (Gate.UNAVAILABLE, Gate.PAY_CONFLICT)
    known = opening(start_by=DAY, wage_max=2000), learner(available_from=DAY, wage_floor=1500)
    assert unknown_gates(*known) == ()


def test_an_explanation_has_every_gate_with_its_values(places: Places) -> None:
    job, person = opening(zip=NORTHFIELD, wage_max=1500), learner(reach_km=1, wage_floor=2000)
    findings = {finding.gate: finding for finding in examine_gates(job, person, places)}
    assert list(findings) == list(Gate)
    reach = findings[Gate.OUT_OF_REACH]
    assert reach.verdict == GateResult.FAILED
    assert reach.values == {"distance_m": places.distance_m(CLEVELAND, NORTHFIELD), "reach_m": 1000}
    assert findings[Gate.UNAVAILABLE].verdict == GateResult.UNKNOWN
    assert findings[Gate.NOT_SEEKING].verdict == GateResult.PASSED
    assert findings[Gate.PAY_CONFLICT].values == {"wage_max": 1500, "wage_floor": 2000}


def standing(places: Places, job: MarketOpening, person: MarketLearner) -> Qualified | NearMiss | None:
    rules = Rules(catalog(), Policy(), places, DAY)
    return standing_of(job, ask(job.groups), profile_of(person, rules), rules)


def test_one_unmet_required_group_is_a_near_miss_and_two_are_nothing(places: Places) -> None:
    job = opening(group(WELDING, group_id="a"), group(MILLING, group_id="b"))
    assert isinstance(standing(places, job, learner(award(WELDING), award(MILLING))), Qualified)
    assert standing(places, job, learner(award(WELDING))) == NearMiss(1)
    assert standing(places, job, learner()) is None


def test_a_closed_gate_is_no_near_miss(places: Places) -> None:
    job = opening(group(WELDING), wage_max=1000)
    assert standing(places, job, learner(wage_floor=2000)) is None


def test_without_required_groups_everyone_who_passes_the_gates_is_qualified(places: Places) -> None:
    job = opening(group(WELDING, necessity="trainable"), group(MILLING, necessity="preferred", group_id="p"))
    assert standing(places, job, learner()) == Qualified(0)
    assert standing(places, opening(), learner()) == Qualified(10_000)
