"""The names of rules are the product's own, whatever the library that checks values calls its errors."""

from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from makersync.http.answers import problem_of
from makersync.http.rule_names import INVALID, VALUE_RULES, rule_of

THE_LIBRARYS = frozenset(get_args(ErrorType))


def test_a_name_of_the_library_that_is_none_of_ours_becomes_invalid() -> None:
    problem = problem_of([{"type": "time_delta_parsing", "loc": ("body", "pause"), "msg": "Input should be a duration"}])
    assert [error.rule for error in problem.errors] == [INVALID]


@pytest.mark.parametrize("name", ["missing", "string_too_long", "one_form"])
def test_a_name_of_ours_stays(name: str) -> None:
    assert rule_of(name) == name


def test_every_name_that_was_taken_over_is_still_the_librarys() -> None:
    """Guards: a library that renames one of its errors, whose old name we would go on promising."""
    assert set(VALUE_RULES) - {INVALID} <= THE_LIBRARYS
