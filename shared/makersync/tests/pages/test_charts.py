"""Where the lines and bars of charts are drawn, and what they say in words."""

from datetime import date, timedelta

import pytest

from makersync.pages.charts import BarPart, ChartBand, ChartBar, bar_chart, history_chart, plain, sparkline

FIRST = date(2026, 11, 1)
LEVELS = (ChartBand("enough", 0, 0), ChartBand("shortage", 1.5, 2), ChartBand("severe", 3, 3))


def days(*values: float | None) -> list[tuple[date, float | None]]:
    return [(FIRST + timedelta(days=number), value) for number, value in enumerate(values)]


def test_a_small_line_goes_from_side_to_side_with_the_least_at_the_bottom() -> None:
    assert sparkline("x", [3, 14, 3]).line == "M0 94L500 6L1000 94"
    assert sparkline("x", [3, 14, 3]).area == "M0 100L0 94L500 6L1000 94V100z"


@pytest.mark.parametrize(("values", "line"), [([], ""), ([None], ""), ([5], "M500 50h0"), ([5, 5], "M0 50L1000 50")])
def test_a_small_line_of_next_to_nothing_is_drawn(values: list[float | None], line: str) -> None:
    """Guards: a division by the range of values that are all alike."""
    assert sparkline("x", values).line == line


def test_a_day_without_a_value_leaves_a_gap() -> None:
    """Guards: a line that says something about days of which nothing is known."""
    assert sparkline("x", [1, 2, None, 2]).line == "M0 94L333.3 6M1000 6h0"
    chart = history_chart("x", days(4, None, 2))
    assert chart.line == "M0 0h0M1000 50h0" and chart.days[1].reads == ""


def test_days_stand_as_far_apart_as_they_are() -> None:
    chart = history_chart("x", [(FIRST, 0), (FIRST + timedelta(days=1), 4), (FIRST + timedelta(days=10), 4)])
    assert chart.line == "M0 100L100 0L1000 0"
    assert [(each.x, each.width) for each in chart.days] == [(0, 50), (50, 500), (550, 450)]


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0, ["1", "0"]),
        (1, ["1", "0.5", "0"]),
        (14, ["15", "10", "5", "0"]),
        (100, ["100", "50", "0"]),
        (1234, ["1,500", "1,000", "500", "0"]),
    ],
)
def test_the_axis_has_round_steps_from_nothing_to_beyond_the_highest(most: float, ticks: list[str]) -> None:
    assert history_chart("x", days(0, most)).ticks == ticks


def test_bands_reach_from_their_beginning_to_the_next_and_the_last_is_seen() -> None:
    chart = history_chart("x", days(1, 2), bands=LEVELS)
    assert chart.ticks == ["4", "3", "2", "1", "0"]
    assert [(each.y, each.height, each.reads) for each in chart.bands] == [(62.5, 37.5, "0"), (25, 37.5, "1.5"), (0, 25, "3")]


def test_a_history_names_its_lowest_and_highest_day() -> None:
    chart = history_chart("x", days(3, 9, None, 1), words=lambda value: f"{plain(value)} openings")
    assert chart.lowest is not None and (chart.lowest.on, chart.lowest.reads) == (FIRST + timedelta(days=3), "1 openings")
    assert chart.highest is not None and chart.highest.reads == "9 openings"
    assert history_chart("x", days(None)).highest is None and history_chart("x", []).days == []


def test_parts_stand_one_after_the_other_and_the_longest_bar_is_full() -> None:
    bars = [
        ChartBar("York", [BarPart("open", 3, "first"), BarPart("filled", 1, "second")]),
        ChartBar("Lima", [BarPart("open", 2, "first")]),
    ]
    chart = bar_chart("x", bars)
    assert [(each.x, each.width, each.reads) for each in chart.bars[0].parts] == [(0, 750, "3"), (750, 250, "1")]
    assert chart.bars[1].parts[0].width == 500
    assert [each.reads for each in chart.bars] == ["4", "2"] and [each.name for each in chart.legend] == ["open", "filled"]
    assert (chart.bars[1].reads_of("open"), chart.bars[1].reads_of("filled")) == ("2", "")


def test_a_bar_of_a_known_whole_is_its_share() -> None:
    [bar] = bar_chart("x", [ChartBar("score", [BarPart("score", 2857, "first")])], whole=10000).bars
    assert bar.parts[0].width == 285.7
    assert bar_chart("x", [ChartBar("none", [BarPart("none", 0, "first")])]).bars[0].parts[0].width == 0
