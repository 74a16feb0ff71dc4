"""What a learner's profile may say, and what its changes are called."""

from dataclasses import replace
from datetime import date

import pytest

from learners.domain.errors import NotPossible, RuleBroken
from learners.domain.learner import (
    Availability,
    Learner,
    LearnerChange,
    LearnerEvent,
    Reach,
    announcements,
    check_availability,
    check_reach,
    import_seeking_since,
    revise,
    set_consent,
)
from learners.domain.learner_person import person
from reference.pay import PayLimits

TODAY, PAY = date(2026, 11, 22), PayLimits()
SEEKING = Availability(seeking=True, seeking_since=date(2026, 10, 1))
LEARNER = Learner("lrn_1", "prv_1", Reach("17401"), SEEKING, consents=True, regions=("49620",))


@pytest.mark.parametrize(
    ("reach", "field"),
    [
        (Reach("17401", 0), "reach_km"),
        (Reach("17401", 301), "reach_km"),
        (Reach("1740"), "zip"),
        (Reach("1740a"), "zip"),
        (Reach("١٧٤٠١"), "zip"),
        (Reach("17401\n"), "zip"),
    ],
)
def test_a_reach_is_a_zip_and_1_to_300_km(reach: Reach, field: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        check_reach(reach)
    assert broken.value.field == field


@pytest.mark.parametrize(
    ("wanted", "field", "rule"),
    [
        (Availability(shifts=("day", "dawn")), "shifts.1", "unknown"),
        (Availability(wage_floor=-1), "wage_floor", "out_of_range"),
        (Availability(wage_floor=10_000_001), "wage_floor", "out_of_range"),
        (Availability(wage_floor=25), "wage_floor", "pay_range"),
        (Availability(wage_floor=4_500_000), "wage_floor", "pay_range"),
        (Availability(available_from=date(2126, 11, 22)), "available_from", "far_ahead"),
        (Availability(available_from=date(1026, 11, 22)), "available_from", "too_early"),
        (Availability(seeking_since=TODAY), "seeking_since", "set_by_service"),
        (Availability(seeking=True, seeking_since=date(2026, 11, 23)), "seeking_since", "set_by_service"),
        (Availability(seeking=True, seeking_since=date(1900, 1, 1)), "seeking_since", "set_by_service"),
    ],
)
def test_an_availability_keeps_the_rules(wanted: Availability, field: str, rule: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        check_availability(wanted, Availability(), TODAY, PAY)
    assert (broken.value.field, broken.value.rule) == (field, rule)


def test_a_search_begins_today_when_no_day_is_given() -> None:
    assert check_availability(Availability(seeking=True), Availability(), TODAY, PAY).seeking_since == TODAY


def test_a_search_that_goes_on_keeps_its_beginning() -> None:
    assert check_availability(replace(SEEKING, wage_floor=2000), SEEKING, TODAY, PAY).seeking_since == SEEKING.seeking_since


def test_a_search_that_ends_forgets_its_beginning_and_a_new_one_begins_today() -> None:
    ended = check_availability(replace(SEEKING, seeking=False), SEEKING, TODAY, PAY)
    assert ended == Availability()
    assert check_availability(replace(ended, seeking=True), ended, TODAY, PAY).seeking_since == TODAY


def test_a_provider_cannot_choose_since_when_a_learner_seeks() -> None:
    with pytest.raises(RuleBroken, match="the service learned of it"):
        check_availability(replace(SEEKING, seeking_since=date(2026, 9, 1)), SEEKING, TODAY, PAY)
    assert (
        check_availability(Availability(seeking=True, seeking_since=TODAY), Availability(), TODAY, PAY).seeking_since == TODAY
    )
    assert check_availability(replace(SEEKING, seeking_since=None), SEEKING, TODAY, PAY) == SEEKING


def test_an_operator_imports_since_when_somebody_seeks() -> None:
    changed = import_seeking_since(LEARNER, date(2026, 6, 1), TODAY)
    assert changed is not None
    assert (changed.learner.availability.seeking_since, changed.learner.version) == (date(2026, 6, 1), LEARNER.version + 1)
    assert changed.kind is LearnerEvent.AVAILABILITY_CHANGED
    for day in (date(1999, 12, 31), date(2026, 11, 23)):
        with pytest.raises(RuleBroken):
            import_seeking_since(LEARNER, day, TODAY)
    with pytest.raises(NotPossible):
        import_seeking_since(replace(LEARNER, availability=Availability()), TODAY, TODAY)


def test_shifts_are_kept_once_and_in_order() -> None:
    wanted = Availability(shifts=("night", "day", "night"))
    assert check_availability(wanted, Availability(), TODAY, PAY).shifts == ("day", "night")


def test_changes_are_called_by_what_changed() -> None:
    moved = revise(LEARNER, Reach("17601"), SEEKING, person_changed=False)
    available = revise(LEARNER, LEARNER.reach, replace(SEEKING, wage_floor=1), person_changed=False)
    renamed = revise(LEARNER, LEARNER.reach, SEEKING, person_changed=True)
    assert [c.kind for c in (moved, available, renamed) if c] == [
        LearnerEvent.REVISED,
        LearnerEvent.AVAILABILITY_CHANGED,
        LearnerEvent.REVISED,
    ]
    assert {c.learner.version for c in (moved, available, renamed) if c} == {2}
    assert revise(LEARNER, LEARNER.reach, SEEKING, person_changed=False) is None


def test_the_same_consent_again_is_no_change() -> None:
    assert set_consent(LEARNER, True) is None
    withdrawn = set_consent(LEARNER, False)
    assert withdrawn is not None
    assert (withdrawn.kind, withdrawn.learner.consents) == (LearnerEvent.CONSENT_WITHDRAWN, False)


def test_regions_that_are_left_get_a_withdrawal() -> None:
    changed = LearnerChange(replace(LEARNER, regions=("29540", "remote")), LearnerEvent.REVISED)
    assert list(announcements(("29540", "49620"), changed)) == [
        ("29540", LearnerEvent.REVISED),
        ("remote", LearnerEvent.REVISED),
        ("49620", LearnerEvent.WITHDRAWN),
    ]


@pytest.mark.parametrize(
    ("name", "email", "phone", "field"),
    [
        (" ", None, None, "person.name"),
        ("x" * 201, None, None, "person.name"),
        ("a\x07b", None, None, "person.name"),
        ("Ada", "ada", None, "person.email"),
        ("Ada", "ada@home", None, "person.email"),
        ("Ada", "a b@example.org", None, "person.email"),
        ("Ada", "a@b@example.org", None, "person.email"),
        ("Ada", "a@" + "b" * 260 + ".org", None, "person.email"),
        ("Ada", None, "call me", "person.phone"),
        ("Ada", None, "1", "person.phone"),
    ],
)
def test_a_person_has_a_name_and_usable_contacts(name: str, email: str | None, phone: str | None, field: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        person(name, email, phone)
    assert broken.value.field == field


def test_a_person_never_shows_in_a_log() -> None:
    assert "Ada" not in repr(person("Ada", "ada@example.org", "+1 717 555 0100"))
