"""The life of an opening, step by step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import OpeningStatus
from openings.domain import opening_life as life
from openings.domain.errors import NotNow, Refused, RulesBroken
from openings.domain.opening import Opening, Terms
from openings.domain.opening_life import Change, Identity, Moment, OpeningEventKind

MOMENT = Moment(datetime(2026, 11, 22, 9, tzinfo=UTC), date(2026, 11, 22))
TERMS = Terms(title="CNC machinist", positions=2, zip="17401", closes_on=date(2026, 11, 30))
LATER = Moment(datetime(2026, 12, 1, 9, tzinfo=UTC), date(2026, 12, 1))


def an_opening(filled: int = 0, terms: Terms = TERMS) -> Opening:
    return life.publish(Identity("opn_1", "emp_1", "49620"), terms, filled, MOMENT).opening


def changed(change: Change | None) -> Opening:
    assert change is not None
    return change.opening


def test_an_opening_published_with_all_positions_filled_is_filled() -> None:
    assert an_opening(filled=2).status is OpeningStatus.FILLED


def test_filling_the_last_position_fills_the_opening_and_a_correction_reopens_it() -> None:
    filled = changed(life.fill(an_opening(), 2, MOMENT))
    assert (filled.status, filled.remaining, filled.live(MOMENT.today)) == (OpeningStatus.FILLED, 0, False)
    corrected = changed(life.fill(filled, 1, MOMENT))
    assert (corrected.status, corrected.remaining, corrected.live(MOMENT.today)) == (OpeningStatus.OPEN, 1, True)


def test_filling_as_many_as_before_is_no_change() -> None:
    assert life.fill(an_opening(filled=1), 1, MOMENT) is None


@pytest.mark.parametrize("filled", [-1, 3])
def test_filling_outside_the_positions_is_refused(filled: int) -> None:
    with pytest.raises(RulesBroken):
        life.fill(an_opening(), filled, MOMENT)


def test_more_positions_reopen_a_filled_opening() -> None:
    revised = changed(life.revise(an_opening(filled=2), replace(TERMS, positions=3), "49620", MOMENT))
    assert revised.status is OpeningStatus.OPEN


def test_a_job_that_stays_where_it_is_keeps_its_region() -> None:
    """Guards: a newer table of places puts its ZIP into another region, and the employer could change nothing any more."""
    revised = changed(life.revise(an_opening(), replace(TERMS, positions=3), "12580", MOMENT))
    assert (revised.region, revised.terms.positions) == ("49620", 3)
    with pytest.raises(RulesBroken, match="zip"):
        life.revise(an_opening(), replace(TERMS, zip="21201"), "12580", MOMENT)


def test_a_closed_opening_stays_closed_when_it_is_revised() -> None:
    closed = life.close(an_opening(), MOMENT).opening
    assert changed(life.revise(closed, replace(TERMS, positions=9), "49620", MOMENT)).status is OpeningStatus.CLOSED


def test_a_revision_that_changes_nothing_is_no_change() -> None:
    assert life.revise(an_opening(), TERMS, "49620", MOMENT) is None


def test_a_job_that_moves_is_not_a_revision() -> None:
    with pytest.raises(RulesBroken, match="closed and published as a new opening"):
        life.revise(an_opening(), replace(TERMS, zip="60601"), "16980", MOMENT)


def test_only_a_revision_of_the_groups_outdates_results_about_them() -> None:
    retitled = changed(life.revise(an_opening(), replace(TERMS, title="Miller"), "49620", MOMENT))
    assert (retitled.version, retitled.groups_version) == (2, 1)


def test_a_closed_opening_is_not_closed_again() -> None:
    closed = life.close(an_opening(), MOMENT).opening
    with pytest.raises(NotNow, match="closed already"):
        life.close(closed, MOMENT)


def test_a_wrong_filling_is_corrected_after_closing_and_the_opening_stays_closed() -> None:
    closed = life.close(an_opening(filled=2), MOMENT).opening
    corrected = life.fill(closed, 1, MOMENT)
    assert corrected is not None
    assert (corrected.kind, corrected.opening.filled, corrected.opening.status) == (
        OpeningEventKind.FILLED,
        1,
        OpeningStatus.CLOSED,
    )


def test_a_wrong_filling_is_corrected_and_the_opening_reopened_in_one_step() -> None:
    closed = life.close(an_opening(filled=2), MOMENT).opening
    corrected = life.fill(closed, 1, MOMENT, reopening=True)
    assert corrected is not None
    assert (corrected.kind, corrected.opening.version) == (OpeningEventKind.REOPENED, closed.version + 1)
    assert (corrected.opening.filled, corrected.opening.live(MOMENT.today)) == (1, True)
    with pytest.raises(NotNow, match="positions"):
        life.fill(closed, 2, MOMENT, reopening=True)
    with pytest.raises(NotNow, match="closes_on"):
        life.fill(closed, 1, LATER, reopening=True)


def test_reopening_needs_a_closed_opening_with_positions_and_days_left() -> None:
    with pytest.raises(NotNow, match="Only a closed opening"):
        life.reopen(an_opening(), MOMENT)
    with pytest.raises(NotNow, match="positions"):
        life.reopen(life.close(an_opening(filled=2), MOMENT).opening, MOMENT)
    with pytest.raises(NotNow, match="closes_on"):
        life.reopen(life.close(an_opening(), MOMENT).opening, LATER)
    assert life.reopen(life.close(an_opening(), MOMENT).opening, MOMENT).opening.live(MOMENT.today)


def test_an_opening_is_live_on_its_closing_date_and_expired_the_day_after() -> None:
    opening = an_opening()
    assert opening.live(date(2026, 11, 30))
    assert not opening.expired(date(2026, 11, 30))
    assert not opening.live(date(2026, 12, 1))
    assert opening.expired(date(2026, 12, 1))


def test_an_expiry_is_announced_once_for_each_closing_date() -> None:
    opening = an_opening()
    assert life.announce_expiry(opening, MOMENT) is None
    told = changed(life.announce_expiry(opening, LATER))
    assert (told.status, told.version) == (OpeningStatus.OPEN, 2)
    assert life.announce_expiry(told, LATER) is None
    extended = changed(life.revise(told, replace(TERMS, closes_on=date(2026, 12, 24)), "49620", LATER))
    assert extended.live(LATER.today)
    christmas = Moment(LATER.now, date(2026, 12, 25))
    assert changed(life.announce_expiry(extended, christmas)).expiry_announced_for == date(2026, 12, 24)


@pytest.mark.parametrize("ended", [life.close(an_opening(), MOMENT).opening, an_opening(filled=2)])
def test_no_expiry_is_announced_for_an_opening_that_is_not_open(ended: Opening) -> None:
    assert life.announce_expiry(ended, LATER) is None


Step = Callable[[Opening], Change | None]
STEPS: list[Step] = [
    *(lambda o, n=n: life.fill(o, n, MOMENT) for n in range(4)),
    *(lambda o, n=n: life.revise(o, replace(o.terms, positions=max(n, o.filled)), o.region, MOMENT) for n in range(1, 4)),
    lambda o: life.close(o, MOMENT),
    lambda o: life.reopen(o, MOMENT),
    lambda o: life.announce_expiry(o, LATER),
]


@given(st.lists(st.sampled_from(STEPS), max_size=20))
def test_every_change_adds_one_version_and_filled_means_that_no_position_remains(steps: list[Step]) -> None:
    opening = an_opening()
    for step in steps:
        try:
            change = step(opening)
        except Refused:
            continue
        if change is None:
            continue
        assert change.opening.version == opening.version + 1
        opening = change.opening
        assert 0 <= opening.filled <= opening.terms.positions
        assert opening.status is OpeningStatus.CLOSED or (opening.status is OpeningStatus.FILLED) == (opening.remaining == 0)


def test_every_step_says_what_happened() -> None:
    opening = an_opening()
    closed = life.close(opening, MOMENT)
    assert closed.kind is OpeningEventKind.CLOSED
    assert life.reopen(closed.opening, MOMENT).kind is OpeningEventKind.REOPENED
