"""Indicators against examples that were computed by hand, and what they say when there is little to say it from."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from examples import CLEVELAND_REGION, MILLING, PRINTS, WELDING, catalog, definition

from matching.adapters.wage_table import load_wages
from matching.domain.cells.shortage_cell import CellMeasure, Level
from matching.domain.indicators.history import CellDay, OpeningLife, RegionHistory, Source
from matching.domain.indicators.measuring import (
    LEAST_WEEKS,
    LONG_TRAINING_WEEKS,
    WEEKS,
    WINDOW_DAYS,
    Driver,
    MeasuredValue,
    concentration,
    days_to_fill,
    demand_trend,
    driver_of,
    fill_rate,
    indicators_of,
    posted_wage,
)
from matching.domain.indicators.wages import AreaOccupation, WageTable
from matching.domain.market.policy import Policy

TODAY = date(2026, 11, 23)
SUBJECT = f"credential:{MILLING}"
CNC, WELDER = "51-9161", "51-4121"
TABLE = WageTable(
    {
        (CLEVELAND_REGION, CNC): AreaOccupation(300, 2500, 200),
        (CLEVELAND_REGION, WELDER): AreaOccupation(100, None, 100),
        ("US", CNC): AreaOccupation(9000, 2400, None),
        ("US", WELDER): AreaOccupation(8000, 2000, None),
    }
)
POLICY = Policy()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def weekly(demand: Sequence[int]) -> dict[date, int]:
    """The same demand on each day of a week; the last is the week before today."""
    return {ago(7 * back - day): each for back, each in zip(range(len(demand), 0, -1), demand, strict=True) for day in range(7)}


def days(demand: Sequence[int]) -> list[CellDay]:
    return [CellDay(day, each) for day, each in weekly(demand).items()]


def life(number: int = 0, **fields: Any) -> OpeningLife:
    """An opening of one of three employers, published ten days ago and still open."""
    made: dict[str, Any] = {
        "opening_id": f"job-{number}",
        "employer_id": f"works-{number % 3}",
        "subjects": frozenset({SUBJECT}),
        "positions": 1,
        "filled": 0,
        "published_on": ago(10),
    }
    return OpeningLife(**(made | fields))


def spans(filled: Iterable[int], censored: Iterable[int] = ()) -> list[OpeningLife]:
    """Openings filled after these many days, and others closed unfilled after those."""
    begun = ago(100)
    ends = [("filled_on", each) for each in filled] + [("closed_on", each) for each in censored]
    return [life(n, published_on=begun, **{name: begun + timedelta(days=d)}) for n, (name, d) in enumerate(ends)]


class TestDemandTrend:
    def test_is_the_weekly_growth_of_the_logarithm_beyond_the_regions(self) -> None:
        doubling, flat = [1000 * 2**week for week in range(WEEKS)], [10**8] * WEEKS
        assert demand_trend(days(doubling), weekly(flat), TODAY) == MeasuredValue(693, 13)
        assert demand_trend(days(doubling), weekly(doubling), TODAY) == MeasuredValue(0, 13)
        assert demand_trend(days(flat), weekly(doubling), TODAY) == MeasuredValue(-693, 13)

    def test_is_the_median_of_the_slopes_so_that_an_odd_week_does_not_move_it(self) -> None:
        odd = [1000 * 2**week for week in range(WEEKS)]
        odd[6] *= 500
        assert demand_trend(days(odd), weekly([10**8] * WEEKS), TODAY).value == 693

    def test_leaves_out_weeks_without_demand_and_is_absent_with_too_few_others(self) -> None:
        full = [0] * (WEEKS - LEAST_WEEKS) + [1000] * LEAST_WEEKS
        assert demand_trend(days(full), weekly([5000] * WEEKS), TODAY) == MeasuredValue(0, LEAST_WEEKS)
        thin = [0] * (WEEKS - LEAST_WEEKS + 1) + [1000] * (LEAST_WEEKS - 1)
        assert demand_trend(days(thin), weekly([5000] * WEEKS), TODAY) == MeasuredValue(None, LEAST_WEEKS - 1)
        assert demand_trend([], {}, TODAY) == MeasuredValue(None, 0)

    def test_a_kept_day_without_the_cell_counts_as_zero_and_a_day_not_kept_not_at_all(self) -> None:
        """Half the days of each second half of the quarter have the cell: its mean demand there is half."""
        whole = weekly([8000] * WEEKS)
        daily = [CellDay(day, 2000) for day in whole if (TODAY - day).days > 49 or (TODAY - day).days % 2]
        halved = demand_trend(daily, whole, TODAY)
        unkept = {day: demand for day, demand in whole.items() if any(each.day == day for each in daily)}
        assert halved.value is not None
        assert halved.value < 0
        assert demand_trend(daily, unkept, TODAY) == MeasuredValue(0, 13)

    def test_today_and_what_is_older_than_a_quarter_do_not_count(self) -> None:
        outside = [CellDay(TODAY, 10**9), *(CellDay(ago(7 * WEEKS + 1 + n), 10**9) for n in range(90))]
        kept = weekly([4000] * WEEKS) | {each.day: each.demand for each in outside}
        assert demand_trend([*days([1000] * WEEKS), *outside], kept, TODAY) == MeasuredValue(0, 13)


class TestFillRate:
    def test_is_positions_filled_of_positions_posted_among_those_that_ended(self) -> None:
        ended = [
            life(0, positions=4, filled=3, closed_on=ago(1)),
            life(1, positions=2, filled=2, filled_on=ago(9)),
            life(2, positions=1, filled=0, closes_on=ago(2)),
            life(3, positions=1, filled=1, filled_on=ago(WINDOW_DAYS)),
            life(4, positions=2, filled=1, closed_on=TODAY),
        ]
        others = [life(5, positions=100), life(6, positions=100, closed_on=ago(WINDOW_DAYS + 1)), life(7, closes_on=TODAY)]
        assert fill_rate([*ended, *others], TODAY, POLICY) == MeasuredValue(700, 5)

    @pytest.mark.parametrize(("number", "employers"), [(4, 3), (5, 2), (0, 1)])
    def test_is_absent_under_the_guard_of_cells(self, number: int, employers: int) -> None:
        few = [life(n, employer_id=f"works-{n % employers}", closed_on=ago(1)) for n in range(number)]
        assert fill_rate(few, TODAY, POLICY) == MeasuredValue(None, number)


class TestDaysToFill:
    def test_is_where_the_kaplan_meier_estimate_reaches_one_half(self) -> None:
        """6/7, times 5/6 at 10, 3/4 at 20, 2/3 at 25: 0.857, 0.714, 0.536, 0.357. Without censoring it would be 20."""
        lives = spans(filled=(5, 10, 20, 25, 40), censored=(10, 30))
        assert days_to_fill(lives, TODAY, POLICY) == MeasuredValue(25, 5)
        assert days_to_fill(spans(filled=(5, 10, 20, 25, 40)), TODAY, POLICY) == MeasuredValue(20, 5)

    def test_takes_a_half_for_a_half_whatever_the_rounding(self) -> None:
        assert days_to_fill(spans(filled=(1, 2, 3, 4, 5), censored=[50] * 5), TODAY, POLICY) == MeasuredValue(5, 5)

    def test_counts_open_openings_as_waiting_until_today(self) -> None:
        waiting = [life(10 + n, published_on=ago(100)) for n in range(5)]
        assert days_to_fill([*spans(filled=(1, 2, 3, 4, 5)), *waiting], TODAY, POLICY).value == 5
        assert days_to_fill([*spans(filled=(1, 2, 3, 4, 5)), *waiting, life(20)], TODAY, POLICY) == MeasuredValue(None, 5)

    def test_is_absent_when_all_are_censored_or_few_were_filled(self) -> None:
        assert days_to_fill(spans(filled=(), censored=range(20)), TODAY, POLICY) == MeasuredValue(None, 0)
        assert days_to_fill(spans(filled=range(4)), TODAY, POLICY) == MeasuredValue(None, 4)

    def test_leaves_out_what_was_not_seen_from_its_publication_on(self) -> None:
        unseen = [life(n, published_on=None, filled_on=ago(1)) for n in range(9)]
        old = [life(n, published_on=ago(WINDOW_DAYS + 1), filled_on=ago(1)) for n in range(9)]
        assert days_to_fill([*unseen, *old], TODAY, POLICY) == MeasuredValue(None, 0)


class TestPostedWage:
    def test_is_the_median_midpoint_against_the_bls_medians_weighted_by_openings(self) -> None:
        """Cleveland's welders have no median, so the nation's stands in: (3 x 2500 + 2 x 2000) / 5 = 2300; 2415 / 2300."""
        lives = [
            life(n, occupation=CNC if n < 3 else WELDER, wage=wage) for n, wage in enumerate((2415, 2200, 3000, 2000, 2600))
        ]
        assert posted_wage(CLEVELAND_REGION, lives, TABLE, POLICY) == (MeasuredValue(2415, 5), MeasuredValue(1050, 5))

    @pytest.mark.parametrize("region", ["remote", "nonmetro-OH"])
    def test_away_from_metropolitan_areas_is_compared_with_the_nation(self, region: str) -> None:
        lives = [life(n, occupation=f"{CNC}.00", wage=2640) for n in range(5)]
        assert posted_wage(region, lives, TABLE, POLICY)[1] == MeasuredValue(1100, 5)

    def test_says_nothing_of_wages_or_occupations_that_are_unknown(self) -> None:
        silent = [life(n, occupation=CNC) for n in range(9)]
        assert posted_wage(CLEVELAND_REGION, silent, TABLE, POLICY) == (MeasuredValue(None, 0), MeasuredValue(None, 0))
        unheard = [life(n, occupation="99-9999" if n % 2 else None, wage=2000) for n in range(6)]
        assert posted_wage(CLEVELAND_REGION, unheard, TABLE, POLICY) == (MeasuredValue(2000, 6), MeasuredValue(None, 0))

    def test_of_one_employer_is_nobodys_business(self) -> None:
        lives = [life(n, employer_id="works", occupation=CNC, wage=2000) for n in range(9)]
        assert [each.value for each in posted_wage(CLEVELAND_REGION, lives, TABLE, POLICY)] == [None, None]


class TestConcentration:
    def test_is_the_employment_weighted_location_quotient(self) -> None:
        """(300 x 2.00 + 100 x 1.00) / 400 = 1.75, however many openings each occupation has."""
        lives = [life(n, occupation=WELDER if n else CNC) for n in range(5)]
        assert concentration(CLEVELAND_REGION, lives, TABLE, POLICY) == MeasuredValue(1750, 5)

    @pytest.mark.parametrize("region", ["remote", "nonmetro-OH", "10180"])
    def test_is_absent_where_the_table_has_no_area(self, region: str) -> None:
        assert concentration(region, [life(n, occupation=CNC) for n in range(5)], TABLE, POLICY) == MeasuredValue(None, 5)

    def test_is_absent_without_occupations(self) -> None:
        assert concentration(CLEVELAND_REGION, [life(n) for n in range(9)], TABLE, POLICY) == MeasuredValue(None, 0)


def measure(demand: int = 10_000, blocked: int = 0) -> CellMeasure:
    return CellMeasure(demand, 6, 4, 1, 1, 0, blocked, 3000, 400, 3000, ())


class TestDriver:
    @pytest.mark.parametrize(
        ("weeks", "driver"),
        [
            ((LONG_TRAINING_WEEKS + 1, None), Driver.LONG_TRAINING),
            ((LONG_TRAINING_WEEKS + 1, LONG_TRAINING_WEEKS), Driver.SHORT_TRAINING),
            ((None, None), None),
        ],
    )
    def test_of_a_short_cell_is_the_shortest_training_that_helps(
        self, weeks: tuple[int | None, int | None], driver: Driver | None
    ) -> None:
        first, second = weeks
        known = catalog(
            definition(MILLING, training_weeks=first),
            definition(PRINTS, training_weeks=second, implies=(MILLING,)),
            definition(WELDING, training_weeks=1),
        )
        for level in (Level.SHORTAGE, Level.SEVERE):
            assert driver_of(level, measure(blocked=10), SUBJECT, known) is driver

    @pytest.mark.parametrize(("blocked", "driver"), [(0, None), (1, None), (2, Driver.UNSUITABLE)])
    def test_of_a_cell_with_supply_is_that_the_people_do_not_suit(self, blocked: int, driver: Driver | None) -> None:
        """Two of ten positions is a fifth."""
        for level in (Level.SURPLUS, Level.BALANCED):
            assert driver_of(level, measure(blocked=blocked), SUBJECT, catalog()) is driver

    def test_of_a_guarded_cell_is_unknown(self) -> None:
        assert driver_of(Level.INSUFFICIENT_DATA, measure(blocked=10), SUBJECT, catalog()) is None


def test_all_indicators_are_of_the_subjects_own_openings_and_say_where_they_come_from() -> None:
    mine = [life(n, occupation=CNC, wage=2500) for n in range(5)]
    other = [life(9, subjects=frozenset({"credential:x"}), wage=1, source=Source.SIMULATED)]
    history = RegionHistory(region=CLEVELAND_REGION, as_of=TODAY, openings=(*mine, *other))
    drawn = indicators_of(history, SUBJECT, TABLE, POLICY)
    assert (drawn.source, drawn.posted_wage, drawn.wage_ratio) == (Source.LIVE, MeasuredValue(2500, 5), MeasuredValue(1000, 5))
    assert drawn.concentration == MeasuredValue(2000, 5)
    past = RegionHistory(
        region=CLEVELAND_REGION,
        as_of=TODAY,
        cells={SUBJECT: (CellDay(ago(1), 1000, Source.SIMULATED),)},
        market={ago(1): 1000},
        openings=tuple(mine),
    )
    assert indicators_of(past, SUBJECT, TABLE, POLICY).source is Source.MIXED
    assert indicators_of(past, "credential:none", TABLE, POLICY).fill_rate == MeasuredValue(None, 0)


def test_the_wage_table_knows_the_nation_and_what_is_withheld() -> None:
    table = load_wages()
    assert table.median("10180", "11-3051") == 5232
    assert table.median("10500", "51-9111") == table.median("US", "51-9111")
    assert table.median("remote", "17-3023.00") == 3759
    assert table.median("10180", "00-0000") is None
    [line] = table.in_area("10180", ["11-3051", "11-3051.00"])
    assert (line.employment, line.quotient) == (90, 77)
