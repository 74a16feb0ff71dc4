"""What an employer may say of a job, in the words of the domain."""

from dataclasses import replace
from datetime import date

import pytest

from openings.domain.opening import CompetencyWanted, CredentialWanted, Group, Necessity, Shift, Terms
from openings.domain.refusals import RulesBroken
from openings.domain.rules import KnownIds, accepted, check_closing_date

OPERATOR, PROGRAMMER = CredentialWanted("operator"), CredentialWanted("programmer")
KNOWN = KnownIds({"operator", "programmer"}, {"milling"})
GOOD = Terms(title="CNC machinist", positions=3, zip="17401")
REQUIRED, PREFERRED = Necessity.REQUIRED, Necessity.PREFERRED


def broken(terms: Terms, filled: int = 0, region: str | None = "49620") -> list[tuple[str, str]]:
    with pytest.raises(RulesBroken) as refused:
        accepted(terms, filled, region, KNOWN)
    return [(violation.path, violation.rule) for violation in refused.value.violations]


def with_groups(*groups: Group) -> Terms:
    return replace(GOOD, groups=groups)


@pytest.mark.parametrize(
    ("terms", "place", "rule"),
    [
        (replace(GOOD, remote=True), "zip", "one_place"),
        (replace(GOOD, zip=None), "zip", "one_place"),
        (replace(GOOD, positions=0), "positions", "range"),
        (replace(GOOD, wage_min=-1), "wage_min", "range"),
        (replace(GOOD, wage_max=-1), "wage_max", "range"),
        (replace(GOOD, wage_min=3000, wage_max=2999), "wage_max", "pay_order"),
        (replace(GOOD, start_by=date(2026, 12, 1), closes_on=date(2026, 12, 2)), "start_by", "date_order"),
        (with_groups(Group("a", REQUIRED, ())), "groups.0.any_of", "empty"),
        (with_groups(Group("a", REQUIRED, (OPERATOR,), weight=11)), "groups.0.weight", "range"),
        (
            with_groups(Group("a", REQUIRED, (OPERATOR, CredentialWanted("unheard-of")))),
            "groups.0.any_of.1.credential",
            "unknown_credential",
        ),
        (
            with_groups(Group("a", REQUIRED, (CompetencyWanted("weaving", 3),))),
            "groups.0.any_of.0.competency",
            "unknown_competency",
        ),
        (with_groups(Group("a", REQUIRED, (CompetencyWanted("milling", 6),))), "groups.0.any_of.0.level", "range"),
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
    assert accepted(terms, 0, "49620", KNOWN) == terms


def test_identical_alternatives_are_kept_once_and_shifts_in_the_order_of_the_day() -> None:
    terms = replace(with_groups(Group("a", REQUIRED, (OPERATOR, OPERATOR))), shifts=(Shift.NIGHT, Shift.DAY, Shift.NIGHT))
    kept = accepted(terms, 0, "49620", KNOWN)
    assert kept.groups[0].any_of == (OPERATOR,)
    assert kept.shifts == (Shift.DAY, Shift.NIGHT)


def test_places_of_violations_are_those_of_what_was_sent() -> None:
    terms = with_groups(Group("a", REQUIRED, (OPERATOR, OPERATOR, CredentialWanted("unheard-of"))))
    assert broken(terms) == [("groups.0.any_of.2.credential", "unknown_credential")]


def test_an_opening_can_close_today_but_not_yesterday() -> None:
    today = date(2026, 11, 22)
    check_closing_date(replace(GOOD, closes_on=today), today)
    with pytest.raises(RulesBroken):
        check_closing_date(replace(GOOD, closes_on=date(2026, 11, 21)), today)
