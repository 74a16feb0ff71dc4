"""Amounts that people type are cents, and what nobody would type is none."""

import pytest

from makersync.pages.amounts import cents_of, dollars_of


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("25", 2500), ("25.5", 2550), (" $1,025.50 ", 102550), (".5", 50), ("25.", 2500), ("-5", -500), ("25.500", 2550)],
)
def test_an_amount_is_read_as_people_type_it(typed: str, cents: int) -> None:
    assert cents_of(typed) == cents


@pytest.mark.parametrize("typed", ["", "$", "many", "25.505", "1.2.3", "NaN", "Infinity", "1_0", "1234567890123"])
def test_what_is_no_amount_is_none(typed: str) -> None:
    assert cents_of(typed) is None


@pytest.mark.parametrize("typed", ["1e5", "1e999999", "9e999999", "1e9999999", "-9E+999999"])
def test_an_amount_has_no_exponent(typed: str) -> None:
    """Guards: a few characters would be a number of a million digits, which keeps a process busy or overflows."""
    assert cents_of(typed) is None


@pytest.mark.parametrize(("cents", "shown"), [(None, ""), (2550, "25.50"), (5, "0.05"), (100000000, "1000000.00")])
def test_cents_are_shown_as_they_are_typed(cents: int | None, shown: str) -> None:
    assert dollars_of(cents) == shown
