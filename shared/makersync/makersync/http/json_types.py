"""The types of JSON, held apart: `false` is no number, `"5"` no integer, and a number no date."""

import re
from typing import Any, cast

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

#: What JSON has a type of its own for. Everything else (dates, enumerations, identifiers) is a text there, and lists and tuples
#: are one: pydantic's own strict mode would refuse those in a value that FastAPI has parsed already.
_OWN_TYPE = frozenset({"int", "float", "bool", "str"})
_WRITTEN_AS_TEXT = frozenset({"date", "datetime", "time", "timedelta"})
_NUMBER = re.compile(r"\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*")


def strict_about_json(schema: CoreSchema) -> CoreSchema:
    """The same schema with every part strict about the types of JSON."""
    return cast(CoreSchema, _strict(schema))


def _strict(node: Any) -> Any:
    """A copy: parts of a schema are shared with those of other models."""
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
    """Pydantic would take seconds since 1970, also as text."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        raise PydanticCustomError("date_format", "must be a text such as 2026-11-22 or 2026-11-22T09:30:00Z")
    return value


def _refuse_truth(value: object) -> object:
    """To Python, `true` equals 1."""
    if isinstance(value, bool | float):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value
