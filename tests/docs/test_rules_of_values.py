"""Whatever the library can say of a value of ours has a name of ours."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from makersync.http.rule_names import KIT_RULES, PROBLEM_RULES, REQUEST_RULES, VALUE_RULES
from makersync.runtime.documents import composed, installed_services
from tests.docs.sources import ROOT
from tools.pages.problems import problem_kinds
from tools.pages.raised_names import refusals_in, refusals_with, texts_in

_KIT = ROOT / "shared/makersync/makersync"
#: What each kind of schema can refuse, in addition to its bounds.
_BY_KIND: Mapping[str, Sequence[str]] = {
    "bool": ("bool_type", "bool_parsing"),
    "date": ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
    "datetime": ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"),
    "dict": ("dict_type",),
    "enum": ("enum",),
    "float": ("float_type", "float_parsing", "finite_number"),
    "function-after": ("value_error", "assertion_error"),
    "function-before": ("value_error", "assertion_error"),
    "int": ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
    "list": ("list_type",),
    "literal": ("literal_error",),
    "model": ("model_type", "model_attributes_type"),
    "model-fields": ("missing", "extra_forbidden"),
    "str": ("string_type", "string_unicode"),
    "tagged-union": ("union_tag_invalid", "union_tag_not_found"),
    "tuple": ("tuple_type",),
    "default": (),
    "model-field": (),
    "no-info": (),
    "nullable": (),
    "definitions": (),
    "definition-ref": (),
}
_BY_BOUND: Mapping[tuple[str, str], str] = {
    ("str", "pattern"): "string_pattern_mismatch",
    ("str", "max_length"): "string_too_long",
    ("str", "min_length"): "string_too_short",
    ("datetime", "tz_constraint"): "timezone_aware",
    **{(kind, "max_length"): "too_long" for kind in ("list", "tuple")},
    **{(kind, "min_length"): "too_short" for kind in ("list", "tuple")},
    **{(kind, "ge"): "greater_than_equal" for kind in ("int", "float")},
    **{(kind, "gt"): "greater_than" for kind in ("int", "float")},
    **{(kind, "le"): "less_than_equal" for kind in ("int", "float")},
    **{(kind, "lt"): "less_than" for kind in ("int", "float")},
}


@pytest.mark.parametrize("service", installed_services())
async def test_every_error_of_a_value_has_a_name_of_ours(service: str) -> None:
    """An unknown kind of schema fails here: say above what it can refuse."""
    async with composed(installed_services()[service]) as process:
        routes = [
            each for each in iter_route_contexts(process.application().routes) if isinstance(each.original_route, APIRoute)
        ]
    fields = [field for route in routes for field in (*get_flat_params(route.dependant), route.body_field) if field is not None]
    found = {name for field in fields for name in _refusals(TypeAdapter(field.field_info.annotation).core_schema)}
    assert found - set(VALUE_RULES) == set()


def _refusals(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        kind = node.get("type")
        if isinstance(kind, str):
            yield from _BY_KIND[kind]
            yield from (name for (of, bound), name in _BY_BOUND.items() if of == kind and bound in node)
        for name, each in node.items():
            if name not in {"metadata", "serialization"}:
                yield from _refusals(each)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from _refusals(each)


def test_the_kit_names_the_rules_that_its_code_raises() -> None:
    assert refusals_in(_KIT) - set(KIT_RULES) == set()
    assert set(REQUEST_RULES) - texts_in(_KIT) == set()


def test_a_kind_of_problem_has_the_rules_that_are_listed_for_it() -> None:
    packages = [_KIT, *(ROOT / "services" / service / service for service in installed_services())]
    raised = {kind.name: frozenset().union(*(refusals_with(kind, each) for each in packages)) for kind in problem_kinds()}
    assert {name: raised[name] for name in PROBLEM_RULES} == {name: set(rules) for name, rules in PROBLEM_RULES.items()}


@pytest.mark.parametrize("service", installed_services())
def test_a_rule_of_a_kind_of_problem_is_no_other_rule(service: str) -> None:
    """Guards: a client that decides by the rule alone would take one cause for another."""
    of_problems = [rule for rules in PROBLEM_RULES.values() for rule in rules]
    others = {*VALUE_RULES, *REQUEST_RULES, *installed_services()[service].rules}
    assert sorted({*of_problems} & others) == []
    assert len(set(of_problems)) == len(of_problems)


def test_a_kind_of_problem_without_listed_rules_names_a_broken_one() -> None:
    unlisted = {kind.name for kind in problem_kinds()} - set(PROBLEM_RULES)
    assert unlisted == {"conflict", "invalid-request", "malformed-body", "malformed-request"}
