"""The names of rules belong to the product, whatever names the validation library gives its errors."""

from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from makersync.http.answers import problem_of
from makersync.http.rule_names import INVALID, VALUE_RULES, rule_of

THE_LIBRARYS = frozenset(get_args(ErrorType))


def test_an_unlisted_name_of_pydantic_becomes_invalid() -> None:
    problem = problem_of([{"type": "time_delta_parsing", "loc": ("body", "pause"), "msg": "Input should be a duration"}])
    assert [error.rule for error in problem.errors] == [INVALID]


@pytest.mark.parametrize("name", ["missing", "string_too_long", "one_form"])
def test_a_name_of_this_api_stays(name: str) -> None:
    assert rule_of(name) == name


def test_every_adopted_name_still_exists_in_pydantic() -> None:
    """Guards: a library that renames an error whose old name the API documents."""
    assert set(VALUE_RULES) - {INVALID} <= THE_LIBRARYS
