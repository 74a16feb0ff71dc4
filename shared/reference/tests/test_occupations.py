"""Occupation codes and pay: the reference tables that say what there is."""

import csv
import re
from importlib import resources

import pytest

from reference.occupations import load_occupations
from reference.pay import PayLimits, load_median_wages

OCCUPATIONS = load_occupations()


def rows() -> list[dict[str, str]]:
    with (resources.files("reference") / "occupation_codes.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("code", ["51-4041.00", "51-4041", "51-9071.06", "17-3024.01", "51-2028"])
def test_a_code_in_use_stands(code: str) -> None:
    verdict = OCCUPATIONS.judge(code)
    assert (verdict.code, verdict.replaced) == (code, False)


@pytest.mark.parametrize(
    ("code", "successor"),
    [
        ("51-4012.00", "51-9162.00"),
        ("51-4012", "51-9162"),
        ("51-4011.01", "51-9161.00"),
        ("51-4121.06", "51-4121.00"),
        ("51-9121.02", "51-9124.00"),
        ("15-1131.00", "15-1251.00"),
    ],
)
def test_a_retired_code_is_mapped_to_its_successor(code: str, successor: str) -> None:
    verdict = OCCUPATIONS.judge(code)
    assert verdict.code == successor
    assert verdict.replaced


def test_a_code_that_was_split_has_several_successors_and_is_none_of_them() -> None:
    verdict = OCCUPATIONS.judge("15-1132.00")
    assert (verdict.code, verdict.successors) == (None, ("15-1252.00", "15-1253.00"))


@pytest.mark.parametrize("code", ["99-9999.99", "00-0000", "51-4000", "51-0000.00", "51-4042.00"])
def test_a_code_that_never_was_is_none(code: str) -> None:
    verdict = OCCUPATIONS.judge(code)
    assert (verdict.code, verdict.successors) == (None, ())


def test_every_row_of_the_table_is_a_code_that_stands_or_leads_to_ones_that_do() -> None:
    for row in rows():
        assert re.fullmatch(r"[0-9]{2}-[0-9]{4}(\.[0-9]{2})?", row["code"])
        if row["kind"] == "retired":
            assert all(OCCUPATIONS.judge(one).code == one for one in row["successors"].split()), row
        else:
            assert OCCUPATIONS.judge(row["code"]).code == row["code"]
            assert OCCUPATIONS.title(row["code"])
    assert sum(row["kind"] == "current" and len(row["code"]) == 7 for row in rows()) == 867


def test_every_occupation_of_the_wage_table_and_the_templates_stands() -> None:
    with (resources.files("reference") / "oews_manufacturing.csv").open(encoding="utf-8") as lines:
        for soc in {row["soc"] for row in csv.DictReader(lines)}:
            assert OCCUPATIONS.judge(soc).code == soc


def test_the_median_is_the_regions_else_the_nations() -> None:
    wages = load_median_wages()
    nation = wages.median("nowhere", "51-9162.00")
    assert nation is not None
    assert wages.median("17410", "51-9162.00") not in (None, nation)
    assert wages.median("17410", "27-1011.00") is None


@pytest.mark.parametrize(("cents", "fit"), [(0, False), (99, False), (100, True), (100_000, True), (100_001, False)])
def test_pay_that_no_hour_earns_is_named(cents: int, fit: bool) -> None:
    assert (PayLimits().broken_by(cents) is None) == fit
