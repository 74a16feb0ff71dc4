"""Keeps the types of JSON apart: `false` is not a number, `"5"` is not an integer, and a number is not a date."""

import re
from typing import Any, cast

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

#: Types that JSON has itself. Everything else (dates, enumerations, identifiers) is text in JSON, and lists and tuples are the
#: same there. Pydantic's own strict mode would reject those in a value that FastAPI has parsed already.
_OWN_TYPE = frozenset({"int", "float", "bool", "str"})
_WRITTEN_AS_TEXT = frozenset({"date", "datetime", "time", "timedelta"})
_NUMBER = re.compile(r"\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*")


def strict_about_json(schema: CoreSchema) -> CoreSchema:
    """A copy of the schema in which every part is strict about the types of JSON."""
    return cast(CoreSchema, _strict(schema))


def _strict(node: Any) -> Any:
    """Copies, because parts of a schema are shared with those of other models."""
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if isinstance(node, tuple):
        return tuple(_strict(each) for each in node)
    if not isinstance(node, dict):
        return node
    kind = node.get("type")
    if not isinstance(kind, str):
        return {name: _strict(each) for name, each in node.items()}
    copy = {name: each if name in {"metadata", "serialization"} else _strict(each) for name, each in node.items()}
    if kind in _OWN_TYPE:
        return copy | {"strict": True}
    if kind in _WRITTEN_AS_TEXT:
        return core_schema.no_info_before_validator_function(_demand_text, cast(CoreSchema, copy))
    if kind == "literal" and any(isinstance(each, int) for each in node["expected"]):
        return core_schema.no_info_before_validator_function(_refuse_truth, cast(CoreSchema, copy))
    return copy


def _demand_text(value: object) -> object:
    """Pydantic would accept seconds since 1970, even as text."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        raise PydanticCustomError("date_format", "must be a text such as 2026-11-22 or 2026-11-22T09:30:00Z")
    return value


def _refuse_truth(value: object) -> object:
    """In Python, `true` equals 1."""
    if isinstance(value, bool | float):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value
