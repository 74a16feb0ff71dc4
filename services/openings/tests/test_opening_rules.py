"""The rules for the terms of an opening, and the remarks on them."""

from dataclasses import replace
from datetime import date

import pytest

from contracts.vocabulary import Necessity, Shift
from openings.domain.errors import RulesBroken
from openings.domain.opening import Group, Terms, WantedCompetency, WantedCredential
from openings.domain.opening_remarks import Circumstances, Posting, remarks_on
from openings.domain.opening_rules import KnownIds, ReferenceValues, accepted, check_new_dates
from reference.occupations import load_occupations
from reference.pay import PayLimits, load_median_wages

OPERATOR, PROGRAMMER = WantedCredential("operator"), WantedCredential("programmer")
KNOWN = KnownIds({"operator", "programmer"}, {"milling"})
REQUIRED, PREFERRED = Necessity.REQUIRED, Necessity.PREFERRED
GOOD = Terms(title="CNC machinist", positions=3, zip="17401", groups=(Group("cnc", REQUIRED, (OPERATOR,)),))
REFERENCE_VALUES = ReferenceValues(load_occupations(), load_median_wages(), PayLimits())
YORK, TODAY = "49620", date(2026, 11, 22)


def broken(terms: Terms, filled: int = 0, region: str | None = "49620") -> list[tuple[str, str]]:
    with pytest.raises(RulesBroken) as refused:
        accepted(terms, filled, region, KNOWN, REFERENCE_VALUES)
    return [(violation.path, violation.rule) for violation in refused.value.violations]


def with_groups(*groups: Group) -> Terms:
    return replace(GOOD, groups=groups)


@pytest.mark.parametrize(
    ("terms", "place", "rule"),
    [
        (replace(GOOD, remote=True), "zip", "one_place"),
        (replace(GOOD, zip=None), "zip", "one_place"),
        (replace(GOOD, positions=0), "positions", "range"),
        (replace(GOOD, wage_min=-1), "wage_min", "pay_range"),
        (replace(GOOD, wage_max=-1), "wage_max", "pay_range"),
        (replace(GOOD, wage_min=25), "wage_min", "pay_range"),
        (replace(GOOD, wage_max=6_000_000), "wage_max", "pay_range"),
        (replace(GOOD, occupation="99-9999.99"), "occupation", "unknown_occupation"),
        (replace(GOOD, occupation="15-1132.00"), "occupation", "split_occupation"),
        (replace(GOOD, title="\u200b"), "title", "invisible_character"),
        (replace(GOOD, title="Welder \u202e"), "title", "bidi_control"),
        (replace(GOOD, title="\u3164"), "title", "nothing_visible"),
        (replace(GOOD, title=" "), "title", "required"),
        (replace(GOOD, groups=()), "groups", "no_requirement"),
        (replace(GOOD, wage_min=3000, wage_max=2999), "wage_max", "pay_order"),
        (replace(GOOD, start_by=date(2026, 12, 1), closes_on=date(2026, 12, 2)), "start_by", "date_order"),
        (with_groups(Group("a", REQUIRED, ())), "groups.0.any_of", "empty"),
        (with_groups(Group("a", REQUIRED, (OPERATOR,), weight=11)), "groups.0.weight", "range"),
        (
            with_groups(Group("a", REQUIRED, (OPERATOR, WantedCredential("unheard-of")))),
            "groups.0.any_of.1.credential",
            "unknown_credential",
        ),
        (
            with_groups(Group("a", REQUIRED, (WantedCompetency("weaving", 3),))),
            "groups.0.any_of.0.competency",
            "unknown_competency",
        ),
        (with_groups(Group("a", REQUIRED, (WantedCompetency("milling", 6),))), "groups.0.any_of.0.level", "range"),
        (
            with_groups(Group("a", REQUIRED, (OPERATOR,)), Group("a", REQUIRED, (PROGRAMMER,))),
            "groups.1.id",
            "repeated_id",
        ),
    ],
)
def test_a_broken_rule_is_named_with_its_place(terms: Terms, place: str, rule: str) -> None:
    assert (place, rule) in broken(terms)


def test_a_zip_outside_the_table_is_refused() -> None:
    assert broken(GOOD, region=None) == [("zip", "unknown_zip")]


def test_more_positions_cannot_be_filled_than_there_are() -> None:
    assert broken(GOOD, filled=4) == [("filled", "filled_range")]


def test_everything_that_is_wrong_is_named_together() -> None:
    terms = replace(GOOD, positions=0, wage_min=-1, groups=(Group("a", REQUIRED, ()),))
    assert {place for place, _ in broken(terms)} == {"positions", "wage_min", "groups.0.any_of"}


@pytest.mark.parametrize("again", list(Necessity))
def test_the_same_alternatives_cannot_be_asked_for_twice(again: Necessity) -> None:
    first = Group("a", REQUIRED, (OPERATOR, PROGRAMMER))
    second = Group("b", again, (PROGRAMMER, OPERATOR))
    assert broken(with_groups(first, second)) == [("groups.1.any_of", "repeated_group")]


def test_the_same_alternatives_can_be_preferred_with_proof_beside_being_required() -> None:
    terms = with_groups(Group("a", REQUIRED, (OPERATOR,)), Group("b", PREFERRED, (OPERATOR,), verified_only=True))
    assert accepted(terms, 0, YORK, KNOWN, REFERENCE_VALUES) == terms


def test_identical_alternatives_are_kept_once_and_shifts_in_the_order_of_the_day() -> None:
    terms = replace(with_groups(Group("a", REQUIRED, (OPERATOR, OPERATOR))), shifts=(Shift.NIGHT, Shift.DAY, Shift.NIGHT))
    kept = accepted(terms, 0, YORK, KNOWN, REFERENCE_VALUES)
    assert kept.groups[0].any_of == (OPERATOR,)
    assert kept.shifts == (Shift.DAY, Shift.NIGHT)


def test_a_violation_names_its_place_in_the_request_as_it_was_sent() -> None:
    terms = with_groups(Group("a", REQUIRED, (OPERATOR, OPERATOR, WantedCredential("unheard-of"))))
    assert broken(terms) == [("groups.0.any_of.2.credential", "unknown_credential")]


def test_an_opening_can_close_today_but_not_yesterday() -> None:
    check_new_dates(replace(GOOD, closes_on=TODAY), None, TODAY)
    with pytest.raises(RulesBroken):
        check_new_dates(replace(GOOD, closes_on=date(2026, 11, 21)), None, TODAY)


@pytest.mark.parametrize("name", ["closes_on", "start_by"])
def test_a_mistyped_year_is_refused_when_it_is_set(name: str) -> None:
    terms = replace(GOOD, **{name: date(2206, 11, 30)})
    with pytest.raises(RulesBroken) as refused:
        check_new_dates(terms, GOOD, TODAY)
    assert [(v.path, v.rule) for v in refused.value.violations] == [(name, "far_ahead")]
    check_new_dates(replace(terms, title="Miller"), terms, TODAY)


def test_a_year_long_gone_is_refused_when_it_is_set() -> None:
    """Guards: an event cannot carry a day before 1900."""
    terms = replace(GOOD, start_by=date(1026, 11, 30))
    with pytest.raises(RulesBroken) as refused:
        check_new_dates(terms, GOOD, TODAY)
    assert [(v.path, v.rule) for v in refused.value.violations] == [("start_by", "too_early")]
    check_new_dates(replace(terms, title="Miller"), terms, TODAY)


@pytest.mark.parametrize(("sent", "kept"), [("51-4012.00", "51-9162.00"), ("51-4121.06", "51-4121.00"), ("51-4041", "51-4041")])
def test_a_retired_occupation_is_replaced_by_its_successor(sent: str, kept: str) -> None:
    assert accepted(replace(GOOD, occupation=sent), 0, YORK, KNOWN, REFERENCE_VALUES).occupation == kept


def test_a_title_is_stored_in_its_normal_form() -> None:
    terms = replace(GOOD, title=" Soudeur,  e\u0301quipe ")
    assert accepted(terms, 0, YORK, KNOWN, REFERENCE_VALUES).title == "Soudeur, \u00e9quipe"


def remarked(sent: Terms, filled: int = 0, postings: tuple[Posting, ...] = ()) -> list[tuple[str, str]]:
    kept = accepted(sent, filled, YORK, KNOWN, REFERENCE_VALUES)
    found = remarks_on(sent, kept, filled, Circumstances(YORK, TODAY, postings), REFERENCE_VALUES)
    return [(remark.field, remark.rule) for remark in found]


def test_there_is_nothing_to_remark_on_a_sensible_opening() -> None:
    assert remarked(replace(GOOD, occupation="51-4041.00", wage_min=2200, wage_max=3100, closes_on=date(2026, 12, 24))) == []


@pytest.mark.parametrize(
    ("terms", "field", "rule"),
    [
        (replace(GOOD, occupation="51-4012.00"), "occupation", "retired_occupation"),
        (replace(GOOD, occupation="51-4041.00", wage_min=900, wage_max=1200), "wage_max", "far_below_median"),
        (replace(GOOD, occupation="51-4041.00", wage_min=1200), "wage_min", "far_below_median"),
        (replace(GOOD, occupation="51-4041.00", wage_min=9000), "wage_min", "far_above_median"),
        (replace(GOOD, occupation="51-4041.00", wage_max=9000), "wage_max", "far_above_median"),
        (replace(GOOD, wage_min=52_000), "wage_min", "far_above_median"),
        (replace(GOOD, wage_max=725), "wage_max", "far_below_median"),
        (replace(GOOD, closes_on=date(2028, 1, 1)), "closes_on", "far_ahead"),
        (replace(GOOD, start_by=date(2026, 11, 1)), "start_by", "past_date"),
        (replace(GOOD, groups=(Group("a", PREFERRED, (OPERATOR,)),)), "groups", "nothing_required"),
    ],
)
def test_what_a_person_would_ask_twice_about_is_remarked_on(terms: Terms, field: str, rule: str) -> None:
    assert remarked(terms) == [(field, rule)]


def test_an_opening_without_a_position_left_is_remarked_on() -> None:
    assert remarked(GOOD, filled=3) == [("filled", "no_position_left")]


def test_a_copy_is_recognized_by_title_place_and_requirements() -> None:
    renamed = replace(GOOD, title="CNC-Machinist", groups=(Group("other name", REQUIRED, (OPERATOR,), weight=2),))
    assert remarked(GOOD, postings=(Posting("opn_1", renamed),)) == [("title", "copy_of_opening")]
    many = remarks_on(GOOD, GOOD, 0, Circumstances(YORK, TODAY, (Posting("opn_1", renamed),) * 9), REFERENCE_VALUES)
    assert ["and so have 8 more" in each.detail for each in many] == [True] * 3
    others = (
        replace(GOOD, title="CNC machinist, nights"),
        replace(GOOD, zip="17402"),
        replace(GOOD, groups=(Group("cnc", REQUIRED, (PROGRAMMER,)),)),
    )
    assert remarked(GOOD, postings=tuple(Posting("opn_1", terms) for terms in others)) == []
