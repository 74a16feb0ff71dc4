"""Section 13: a cell's level through the days, and what it publishes."""

from dataclasses import replace

import pytest
from examples import (
    CLEVELAND_REGION,
    DAY,
    MILLING,
    SUBJECT,
    TOMORROW,
    WELDING,
    award,
    cohort,
    group,
    learner,
    measure,
    opening,
    region,
)

from matching.domain.cells.measuring import level_after, level_ahead_of, level_without_history
from matching.domain.cells.shortage_cell import CellMeasure, Level, Signal, SignalKind
from matching.domain.cells.signals import signal_kind
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketOpening
from matching.domain.region.live_market import RegionMarket
from reference.places import Places

NONE, SURPLUS, BALANCED, SHORTAGE, SEVERE = Level
QUIET = CellMeasure(
    demand=5000,
    openings=5,
    employers=3,
    supply=10,
    supply_home=0,
    pipeline=20,
    blocked=30,
    tightness=1000,
    employer_share=400,
    tightness_ahead=700,
    top_credentials=(),
)
SMALL = Policy(guard_openings=1, guard_employers=1, guard_employer_share=1000)


@pytest.mark.parametrize(
    ("tightness", "level"),
    [(666, SURPLUS), (667, BALANCED), (1499, BALANCED), (1500, SHORTAGE), (2999, SHORTAGE), (3000, SEVERE)],
)
def test_a_level_begins_at_its_threshold(tightness: int, level: Level) -> None:
    assert level_without_history(replace(QUIET, tightness=tightness), Policy()) == level
    assert level_ahead_of(replace(QUIET, tightness=9000, tightness_ahead=tightness), Policy()) == level


@pytest.mark.parametrize("few", [{"openings": 4}, {"employers": 2}, {"employer_share": 668}])
def test_a_cell_with_little_evidence_has_no_level(few: dict[str, int]) -> None:
    thin = replace(QUIET, tightness=9000, tightness_ahead=9000, **few)
    assert level_without_history(thin, Policy()) == NONE
    assert level_after(SEVERE, thin, Policy()) == NONE
    assert level_ahead_of(thin, Policy()) == NONE


def test_an_employer_may_have_two_thirds_of_a_cell_and_all_of_it_where_the_policy_guards_nothing() -> None:
    assert level_without_history(replace(QUIET, employer_share=667), Policy()) == BALANCED
    assert level_without_history(replace(QUIET, employer_share=1000), Policy(guard_employer_share=1000)) == BALANCED


@pytest.mark.parametrize(
    ("yesterday", "tightness", "level"),
    [
        (None, 2900, SHORTAGE),
        (BALANCED, 3000, SEVERE),
        (SEVERE, 2999, SEVERE),
        (SEVERE, 2700, SEVERE),
        (SEVERE, 2699, SHORTAGE),
        (SEVERE, 1350, SHORTAGE),
        (SEVERE, 1349, BALANCED),
        (SEVERE, 600, SURPLUS),
        (SHORTAGE, 1400, SHORTAGE),
        (BALANCED, 601, BALANCED),
        (BALANCED, 600, SURPLUS),
        (SURPLUS, 100, SURPLUS),
    ],
)
def test_a_level_rises_at_once_and_falls_step_by_step_once_clearly_below(
    yesterday: Level | None, tightness: int, level: Level
) -> None:
    assert level_after(yesterday, replace(QUIET, tightness=tightness), Policy()) == level


def kind(was: Level | None, now: Level) -> str | None:
    return signal_kind(None if was is None else last_signal(was), now, QUIET, Policy())


def last_signal(level: Level, measure: CellMeasure = QUIET, ahead: Level | None = BALANCED) -> Signal:
    """The last signal of a cell, whose kind and version do not matter."""
    return Signal(CLEVELAND_REGION, SUBJECT, 1, SignalKind.REVISED, level, ahead, measure, 1, DAY)


def test_every_change_of_level_has_the_kind_that_the_section_names() -> None:
    table = {was: [kind(was, now) for now in Level] for was in (None, *Level)}
    assert table == {
        None: [None, "revised", "revised", "raised", "raised"],
        NONE: [None, "revised", "revised", "raised", "raised"],
        SURPLUS: ["silenced", None, "revised", "raised", "raised"],
        BALANCED: ["silenced", "revised", None, "raised", "raised"],
        SHORTAGE: ["silenced", "cleared", "cleared", None, "raised"],
        SEVERE: ["silenced", "cleared", "cleared", "eased", None],
    }


@pytest.mark.parametrize(
    ("moved", "published"),
    [
        ({"demand": 5500}, False),
        ({"demand": 5501}, True),
        ({"demand": 4499}, True),
        ({"supply": 11}, False),
        ({"supply": 12}, True),
        ({"pipeline": 22}, False),
        ({"pipeline": 23}, True),
        ({"blocked": 26}, True),
        ({"supply_home": 9}, False),
        ({"employer_share": 600}, False),
        ({"tightness_ahead": 1499}, False),
        ({"tightness_ahead": 1500}, True),
        ({"tightness_ahead": 666}, True),
        ({"top_credentials": ("a",)}, False),
    ],
)
def test_components_publish_when_they_moved_by_more_than_a_tenth(moved: dict[str, int], published: bool) -> None:
    found = signal_kind(last_signal(SHORTAGE), SHORTAGE, replace(QUIET, **moved), Policy())  # type: ignore[arg-type]
    assert found == (SignalKind.REVISED if published else None)


def test_anything_from_nothing_is_more_than_a_tenth() -> None:
    empty = replace(QUIET, blocked=0)
    assert signal_kind(last_signal(SHORTAGE, empty), SHORTAGE, replace(empty, blocked=1), Policy()) == SignalKind.REVISED


def test_a_signal_without_a_level_ahead_is_revised_once() -> None:
    assert signal_kind(last_signal(SHORTAGE, ahead=None), SHORTAGE, QUIET, Policy()) == SignalKind.REVISED
    assert signal_kind(last_signal(SHORTAGE, ahead=BALANCED), SHORTAGE, QUIET, Policy()) is None
    assert signal_kind(last_signal(NONE, ahead=None), NONE, QUIET, Policy()) is None


def test_a_changed_level_has_its_own_kind_whatever_lies_ahead() -> None:
    assert signal_kind(last_signal(SEVERE, ahead=SEVERE), SHORTAGE, QUIET, Policy()) == SignalKind.EASED
    assert signal_kind(last_signal(SHORTAGE, ahead=SEVERE), NONE, QUIET, Policy()) == SignalKind.SILENCED


def test_a_silenced_cell_publishes_no_counts() -> None:
    assert signal_kind(last_signal(NONE), NONE, replace(QUIET, demand=0), Policy()) is None


def published(market: RegionMarket) -> list[tuple[int, str, str]]:
    return [(signal.version, signal.kind.value, signal.level.word) for signal in market.settle().signals]


def test_a_cell_under_the_evidence_guard_publishes_nothing(places: Places) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING), positions=50))
    assert market.settle().signals == ()


def demanding(positions: int, version: int) -> MarketOpening:
    return opening(group(WELDING), positions=positions, version=version)


def test_a_cell_is_silenced_when_its_last_opening_goes_and_raised_when_one_returns(places: Places) -> None:
    market = region(places, SMALL)
    market.put_opening(demanding(2, 1))
    assert published(market) == [(1, "raised", "shortage")]
    market.remove_opening("job", 2)
    assert published(market) == [(2, "silenced", "insufficient_data")]
    assert market.cells() == ()
    market.put_opening(demanding(2, 3))
    assert published(market) == [(3, "raised", "shortage")]


def test_a_silenced_signal_of_a_vanished_cell_counts_no_openings(places: Places) -> None:
    market = region(places, SMALL)
    market.put_opening(demanding(2, 1))
    market.put_learner(learner(award(WELDING)))
    market.settle()
    market.remove_opening("job", 2)
    (signal,) = market.settle().signals
    found = signal.measure
    assert (found.demand, found.openings, found.employers, found.blocked, found.supply) == (0, 0, 0, 0, 1)
    assert (found.employer_share, signal.level, signal.level_ahead) == (0, NONE, NONE)


def test_seats_that_will_meet_a_shortage_are_published_while_it_lasts(places: Places) -> None:
    market = region(places, SMALL)
    market.put_opening(demanding(4, 1))
    (raised,) = market.settle().signals
    assert (raised.kind, raised.level, raised.level_ahead) == (SignalKind.RAISED, SEVERE, SEVERE)
    market.put_cohort(cohort(seats=2, enrolled=0))
    (revised,) = market.settle().signals
    assert (revised.kind, revised.level, revised.level_ahead) == (SignalKind.REVISED, SEVERE, SHORTAGE)
    assert (revised.measure.tightness, revised.measure.tightness_ahead) == (3000, 1500)
    cell = market.cell(SUBJECT)
    assert cell is not None
    assert cell.level_ahead == SHORTAGE


def test_a_policy_that_guards_against_a_single_employer_silences_its_cells(places: Places) -> None:
    market = region(places, SMALL)
    market.put_opening(demanding(2, 1))
    assert published(market) == [(1, "raised", "shortage")]
    market.set_policy(replace(SMALL, version=2, guard_employer_share=999))
    assert published(market) == [(2, "silenced", "insufficient_data")]
    market.put_opening(opening(group(WELDING), opening_id="other", employer_id="plant"))
    assert published(market) == [(3, "raised", "shortage")]


def test_a_level_that_held_yesterday_holds_until_tightness_is_clearly_below(places: Places) -> None:
    market = region(places, SMALL)
    market.put_opening(demanding(4, 1))
    assert published(market) == [(1, "raised", "severe")]
    market.set_day(TOMORROW)
    market.settle()
    market.put_opening(opening(group(WELDING, MILLING), positions=7, version=2))
    assert measure(places, market).tightness == 2750
    assert level_now(market) == SEVERE
    market.put_opening(demanding(3, 3))
    assert measure(places, market).tightness == 2500
    assert level_now(market) == SHORTAGE


def level_now(market: RegionMarket) -> Level:
    cell = market.cell(SUBJECT)
    assert cell is not None
    return cell.level


def test_a_level_reached_and_left_within_one_day_leaves_no_trace(places: Places) -> None:
    market = region(places, SMALL)
    market.put_opening(demanding(1, 1))
    assert published(market) == [(1, "raised", "shortage")]
    market.put_opening(demanding(9, 2))
    assert published(market) == [(2, "raised", "severe")]
    market.put_opening(demanding(1, 3))
    assert published(market) == [(3, "eased", "shortage")]


def test_insufficient_data_forgets_yesterday(places: Places) -> None:
    market = region(places, SMALL)
    market.put_opening(demanding(4, 1))
    market.settle()
    market.set_day(TOMORROW)
    assert market.settle().cells[0].previous_level == SEVERE
    market.remove_opening("job", 2)
    (forgotten,) = market.settle().cells
    assert forgotten.previous_level is None
    market.put_opening(opening(group(WELDING, MILLING), positions=7, version=3))
    market.settle()
    assert level_now(market) == SHORTAGE


def test_the_level_of_yesterday_is_stored_when_the_day_passes(places: Places) -> None:
    market = region(places, SMALL)
    market.put_opening(demanding(2, 1))
    market.settle()
    market.set_day(TOMORROW)
    settlement = market.settle()
    assert settlement.signals == ()
    assert [(cell.level, cell.previous_level) for cell in settlement.cells] == [(SHORTAGE, SHORTAGE)]
