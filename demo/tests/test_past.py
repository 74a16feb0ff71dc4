"""The simulated past of the demo market, and how its indicators read."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.market.generated_market import GeneratedMarket
from demo.market.past import MOST_REGIONS, PAST_DAYS, past_lines, write_past
from demo.market.plan import MarketPlan, choose_regions
from demo.showing.indicator_text import indicator_sentence

TODAY = date(2026, 11, 22)
PLAN = MarketPlan(regions=("17410", "48620"), openings=40, learners=10, seed=3, day=TODAY)


@pytest.fixture(scope="module")
def past() -> list[Mapping[str, Any]]:
    return list(past_lines(GeneratedMarket(PLAN)))


def entries(past: list[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [line[kind] for line in past if kind in line]


def test_the_same_plan_has_the_same_past_and_another_seed_another(past: list[Mapping[str, Any]]) -> None:
    assert list(past_lines(GeneratedMarket(PLAN))) == past
    assert list(past_lines(GeneratedMarket(replace(PLAN, seed=4)))) != past


def test_openings_have_ended_before_today_and_most_were_filled(past: list[Mapping[str, Any]]) -> None:
    lives = entries(past, "opening_life")
    assert len({life["opening_id"] for life in lives}) == len(lives) > 100
    begun = (TODAY - timedelta(days=PAST_DAYS)).isoformat()
    for life in lives:
        end = life.get("filled_on") or life["closed_on"]
        assert begun <= life["published_on"] < end < TODAY.isoformat()
        assert ("filled_on" in life) == (life["filled"] == life["positions"])
    assert 0.6 < sum("filled_on" in life for life in lives) / len(lives) < 0.9


def test_every_day_of_half_a_year_has_cells_that_add_up(past: list[Mapping[str, Any]]) -> None:
    days = entries(past, "cell_day")
    assert len({(day["region"], day["day"], day["subject"]) for day in days}) == len(days)
    assert {day["region"] for day in days} - {"remote"} == {"17410", "48620"}
    per_day = Counter(day["day"] for day in days)
    assert max(per_day) == (TODAY - timedelta(days=1)).isoformat()
    assert len(per_day) >= PAST_DAYS - 7
    assert all(1 <= day["employers"] <= day["openings"] for day in days)
    [life, *_] = [life for life in entries(past, "opening_life") if life["subjects"]]
    its_cells = [day for day in days if (day["region"], day["day"]) == (life["region"], life["published_on"])]
    assert set(life["subjects"]) <= {day["subject"] for day in its_cells}


def test_of_a_nation_only_some_regions_have_a_past() -> None:
    market = GeneratedMarket(PLAN)
    nation = choose_regions("all", market.atlas)
    plan = replace(PLAN, regions=nation, openings=2 * len(nation))
    regions = {line["cell_day"]["region"] for line in past_lines(GeneratedMarket(plan, market.atlas)) if "cell_day" in line}
    assert regions - {"remote"} <= set(nation[:MOST_REGIONS])


def test_it_is_written_as_lines(tmp_path: Path, past: list[Mapping[str, Any]]) -> None:
    file = write_past(GeneratedMarket(PLAN), tmp_path)
    assert [json.loads(line) for line in file.read_text().splitlines()] == past


UNKNOWN = {"value": None, "evidence": 1}
THIN = dict.fromkeys(("demand_trend", "fill_rate", "days_to_fill", "posted_wage", "wage_ratio", "concentration"), UNKNOWN) | {
    "source": "live",
    "driver": None,
}


def test_indicators_read_as_one_line_that_leaves_out_what_is_not_known() -> None:
    known = {
        "source": "simulated",
        "driver": "short_training",
        "demand_trend": {"value": -12, "evidence": 13},
        "fill_rate": {"value": 712, "evidence": 24},
        "days_to_fill": {"value": 28, "evidence": 17},
        "posted_wage": {"value": 2450, "evidence": 8},
        "concentration": {"value": 1180, "evidence": 9},
    }
    assert indicator_sentence("CNC milling in Cleveland, OH", THIN | known) == (
        "Indicators of CNC milling in Cleveland, OH, from a simulated past: demand -1.2 % a week against the region's "
        "(13 weeks); 71 % of positions filled (24 openings); 28 days to fill (17 filled); $24.50 an hour posted (8 openings); "
        "location quotient 1.18 (9); too few people, though training is short."
    )
    assert indicator_sentence("x", THIN) == "Indicators of x: too little is known yet."
