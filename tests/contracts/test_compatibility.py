"""The comparison of schemas finds each kind of break, and nothing where there is none."""

from typing import Any

import pytest

from contracts.compatibility import breaks, unconsented
from contracts.release import all_series

OLD: dict[str, Any] = {
    "type": "object",
    "required": ["id", "state", "parts"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[a-z]+$"},
        "state": {"enum": ["open", "closed"], "type": "string"},
        "count": {"type": "integer", "minimum": 0, "maximum": 10},
        "share": {"type": "number", "exclusiveMinimum": 0},
        "day": {"type": "string", "format": "date"},
        "parts": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Part"}},
        "wanted": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "string"}]},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "$defs": {"Part": {"type": "object", "required": ["name"], "properties": {"name": {"const": "wheel"}}}},
}


def changed(place: str, value: Any) -> dict[str, Any]:
    """OLD with the value at a path such as `properties/id/maxLength`; None takes it out."""
    return _with(OLD, place.split("/"), value)


def _with(node: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    first, *rest = path
    inner = _with(node.get(first, {}), rest, value) if rest else value
    return {name: each for name, each in {**node, first: inner}.items() if each is not None}


BREAKS = {
    "a required property is gone": ("properties/id", None, "id", "required_removed"),
    "a required property became optional": ("required", ["id", "parts"], "state", "required_relaxed"),
    "another type": ("properties/count/type", "string", "count", "type_widened"),
    "a further type": ("properties/count/type", ["integer", "null"], "count", "type_widened"),
    "a wider number": ("properties/count/type", "number", "count", "type_widened"),
    "any type": ("properties/count/type", None, "count", "type_widened"),
    "a new value": ("properties/state/enum", ["open", "closed", "held"], "state", "enum_widened"),
    "any value": ("properties/state", {"type": "string"}, "state", "enum_widened"),
    "a constant that changed": ("$defs/Part/properties/name/const", "hub", "parts/*/name", "enum_widened"),
    "a lower minimum": ("properties/count/minimum", -1, "count", "bound_loosened"),
    "no maximum": ("properties/count/maximum", None, "count", "bound_loosened"),
    "an included bound": ("properties/share", {"type": "number", "minimum": 0}, "share", "bound_loosened"),
    "a shorter text": ("properties/id/minLength", 0, "id", "bound_loosened"),
    "a longer text": ("properties/id/maxLength", 41, "id", "bound_loosened"),
    "an empty list": ("properties/parts/minItems", None, "parts", "bound_loosened"),
    "another pattern": ("properties/id/pattern", "^[a-z]*$", "id", "form_changed"),
    "no format": ("properties/day/format", None, "day", "form_changed"),
    "any items": ("properties/parts/items", None, "parts", "items_widened"),
    "any values of a map": ("properties/counts/additionalProperties", None, "counts", "items_widened"),
    "a break inside items": ("$defs/Part/required", [], "parts/*/name", "required_relaxed"),
    "a further alternative": (
        "properties/wanted/anyOf",
        [{"$ref": "#/$defs/Part"}, {"type": "string"}, {"type": "integer"}],
        "wanted",
        "alternative_added",
    ),
    "values of another type": ("properties/count", {"enum": ["few"]}, "count", "type_widened"),
    "values beyond a bound": ("properties/count", {"enum": [3, 11]}, "count", "bound_loosened"),
    "values beyond a pattern": ("properties/id", {"const": "A"}, "id", "bound_loosened"),
}


@pytest.mark.parametrize(("place", "value", "where", "rule"), BREAKS.values(), ids=BREAKS)
def test_a_break_is_found(place: str, value: Any, where: str, rule: str) -> None:
    found = breaks(OLD, changed(place, value))
    assert (where, rule) in {(each.place, each.rule) for each in found}


SAFE = {
    "nothing": ("title", "Thing"),
    "a new property": ("properties/note", {"type": "string"}),
    "a new required property": ("required", ["id", "state", "parts", "count"]),
    "an optional property less": ("properties/count", None),
    "fewer values": ("properties/state/enum", ["open"]),
    "a constant among the values": ("properties/state", {"const": "open", "type": "string"}),
    "a narrower number": ("properties/share", {"type": "integer", "minimum": 1}),
    "tighter bounds": ("properties/id/maxLength", 10),
    "values within the bounds": ("properties/count", {"enum": [0, 10]}),
    "one alternative less": ("properties/wanted/anyOf", [{"type": "string"}]),
    "an alternative chosen": ("properties/wanted", {"type": "string", "maxLength": 5}),
    "another description": ("properties/count/description", "How many."),
    "a closed object": ("additionalProperties", False),
}


@pytest.mark.parametrize(("place", "value"), SAFE.values(), ids=SAFE)
def test_a_safe_change_is_none(place: str, value: Any) -> None:
    assert breaks(OLD, changed(place, value)) == ()


def test_what_is_not_understood_is_a_break_unless_it_stayed() -> None:
    old = changed("properties/parts/contains", {"const": 1})
    assert [each.rule for each in breaks(old, OLD)] == ["not_understood"]
    assert breaks(old, old) == ()


def test_a_recursive_schema_is_compared_to_its_end() -> None:
    def tree(kind: str) -> dict[str, Any]:
        node = {"type": "object", "properties": {"kind": {"type": kind}, "inner": {"$ref": "#/$defs/Node"}}}
        return {"$ref": "#/$defs/Node", "$defs": {"Node": node}}

    assert breaks(tree("string"), tree("string")) == ()
    assert [each.rule for each in breaks(tree("string"), tree("integer"))] == ["type_widened"]


def test_a_new_value_that_every_reader_takes_is_consented() -> None:
    new = changed("properties/state/enum", ["open", "closed", "held"])
    free = {"type": "object", "properties": {"state": {"type": "string"}}}
    uninterested = {"type": "object", "properties": {}}
    strict = {"type": "object", "properties": {"state": {"enum": ["open", "closed"]}}}
    found = breaks(OLD, new)
    assert unconsented(found, new, [free, uninterested]) == ()
    assert unconsented(found, new, [free, strict]) == found


def test_no_reader_can_consent_to_another_break() -> None:
    new = changed("properties/count/type", "string")
    assert unconsented(breaks(OLD, new), new, []) == breaks(OLD, new) != ()


@pytest.mark.parametrize("series", list(all_series()), ids=lambda series: series.stem)
def test_every_schema_is_compatible_with_itself(series: Any) -> None:
    assert breaks(series.make(), series.make()) == ()
