"""Whether everything a new writer can write satisfies an old reader's schema: a comparison of two JSON Schemas.

Both are open (unknown properties are ignored) and of the kind that `written_schema` and pydantic make. What is not understood
counts as a break: the comparison may be too strict, never too lax.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Schema = Mapping[str, Any]
Rule = Literal[
    "required_removed",
    "required_relaxed",
    "type_widened",
    "enum_widened",
    "bound_loosened",
    "form_changed",
    "alternative_added",
    "items_widened",
    "not_understood",
]

_ANNOTATIONS = frozenset(
    {"$schema", "$id", "$defs", "$ref", "$comment", "title", "description", "default", "examples", "deprecated"}
)
_AT_LEAST = ("minLength", "minItems", "minProperties")
_AT_MOST = ("maxLength", "maxItems", "maxProperties")
_FORMS = ("pattern", "format", "multipleOf", "uniqueItems")
_JUDGED = frozenset(
    {
        *("type", "enum", "const", "anyOf", "oneOf", "properties", "required", "items", "additionalProperties"),
        *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", *_AT_LEAST, *_AT_MOST, *_FORMS),
    }
)


@dataclass(frozen=True, slots=True)
class Break:
    """Where and how a new writer exceeds an old schema. `place` is a path such as `groups/*/evidence`; empty is the whole."""

    place: str
    rule: Rule
    detail: str

    def __str__(self) -> str:
        return f"{self.place or 'the event data'}: {self.rule} ({self.detail})"


def breaks(old: Schema, new: Schema) -> tuple[Break, ...]:
    """Every reason why something that satisfies `new` may not satisfy `old`; none means compatible."""
    return tuple(_Comparison(old, new).compare(old, new, ""))


def unconsented(found: Iterable[Break], new: Schema, readers: Iterable[Schema]) -> tuple[Break, ...]:
    """The breaks that stand: a widened enum is none when every one of today's readers (their schemas) takes the new values."""
    refused = {each.place for reader in readers for each in breaks(reader, new) if each.rule == "enum_widened"}
    return tuple(each for each in found if each.rule != "enum_widened" or each.place in refused)


class _Comparison:
    def __init__(self, old_root: Schema, new_root: Schema) -> None:
        self._old_root, self._new_root = old_root, new_root
        self._under_way: set[tuple[str, str]] = set()

    def compare(self, old: Schema, new: Schema, place: str) -> Iterator[Break]:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if pair != ("None", "None"):
            if pair in self._under_way:
                return
            self._under_way.add(pair)
        old, new = _resolved(old, self._old_root), _resolved(new, self._new_root)
        for alternative in _alternatives(new, self._new_root):
            yield from self._compare_to_any(_alternatives(old, self._old_root), alternative, place)
        self._under_way.discard(pair)

    def _compare_to_any(self, olds: list[Schema], new: Schema, place: str) -> Iterator[Break]:
        """The breaks against the alternative that comes closest."""
        candidates = [list(self._compare_one(old, new, place)) for old in olds]
        closest = min(candidates, key=len)
        if closest and len(olds) > 1 and not _is_only_enums(closest):
            yield Break(place, "alternative_added", "; ".join(map(str, closest)))
        else:
            yield from closest

    def _compare_one(self, old: Schema, new: Schema, place: str) -> Iterator[Break]:
        for keyword in sorted(set(old) - _JUDGED - _ANNOTATIONS):
            if old[keyword] != new.get(keyword):
                yield Break(place, "not_understood", f"the old schema says {keyword}")
        values = _values(new)
        if values is not None:
            yield from _compare_values(old, values, place)
            return
        yield from _compare_types(old, new, place)
        yield from _compare_bounds(old, new, place)
        yield from self._compare_objects(old, new, place)
        yield from self._compare_items(old, new, place)

    def _compare_objects(self, old: Schema, new: Schema, place: str) -> Iterator[Break]:
        offered, wanted = new.get("properties", {}), old.get("properties", {})
        for name in old.get("required", ()):
            if name not in offered:
                yield Break(_under(place, name), "required_removed", "readers rely on it")
            elif name not in new.get("required", ()):
                yield Break(_under(place, name), "required_relaxed", "it was always there, now it may be absent")
        for name in wanted:
            if name in offered:
                yield from self.compare(wanted[name], offered[name], _under(place, name))
        yield from self._compare_inner(old, new, "additionalProperties", place)

    def _compare_items(self, old: Schema, new: Schema, place: str) -> Iterator[Break]:
        yield from self._compare_inner(old, new, "items", place)

    def _compare_inner(self, old: Schema, new: Schema, keyword: str, place: str) -> Iterator[Break]:
        wanted, offered = old.get(keyword), new.get(keyword)
        if not isinstance(wanted, Mapping) or not wanted:
            return
        if isinstance(offered, Mapping):
            yield from self.compare(wanted, offered, _under(place, "*"))
        else:
            yield Break(place, "items_widened", f"{keyword} may now be anything")


def _compare_values(old: Schema, values: list[Any], place: str) -> Iterator[Break]:
    known = _values(old)
    if known is not None:
        added = [value for value in values if value not in known]
        if added:
            yield Break(place, "enum_widened", f"new: {', '.join(map(repr, added))}")
        return
    yield from _compare_types(old, {"type": sorted({_type_of(value) for value in values})}, place)
    unfit = [value for value in values if not _fits(value, old)]
    if unfit:
        yield Break(place, "bound_loosened", f"not taken: {', '.join(map(repr, unfit))}")


def _compare_types(old: Schema, new: Schema, place: str) -> Iterator[Break]:
    if _values(old) is not None:
        yield Break(place, "enum_widened", "new: any value")
        return
    if "type" not in old:
        return
    if "type" not in new:
        yield Break(place, "type_widened", f"from {old['type']} to anything")
        return
    wanted = _types(old) | ({"integer"} if "number" in _types(old) else set())
    if added := _types(new) - wanted:
        yield Break(place, "type_widened", f"new: {', '.join(sorted(added))}")


def _compare_bounds(old: Schema, new: Schema, place: str) -> Iterator[Break]:
    looser = [f"{name} {old[name]}" for name in _AT_LEAST if name in old and new.get(name, 0) < old[name]]
    looser += [f"{name} {old[name]}" for name in _AT_MOST if name in old and new.get(name, float("inf")) > old[name]]
    if _lowest(new) < _lowest(old):
        looser.append(f"lower bound {_lowest(old)[0]}")
    if _highest(new) < _highest(old):
        looser.append(f"upper bound {-_highest(old)[0]}")
    if looser:
        yield Break(place, "bound_loosened", ", ".join(looser))
    changed = [name for name in _FORMS if name in old and new.get(name) != old[name]]
    if changed:
        yield Break(place, "form_changed", ", ".join(f"{name} was {old[name]}" for name in changed))


def _lowest(schema: Schema) -> tuple[float, bool]:
    """The lower bound and whether it is excluded; a greater pair is a tighter bound."""
    nothing = float("-inf")
    return max((schema.get("minimum", nothing), False), (schema.get("exclusiveMinimum", nothing), True))


def _highest(schema: Schema) -> tuple[float, bool]:
    """The negated upper bound, in the same order as `_lowest`."""
    nothing = float("inf")
    return max((-schema.get("maximum", nothing), False), (-schema.get("exclusiveMaximum", nothing), True))


def _fits(value: Any, schema: Schema) -> bool:
    if isinstance(value, str):
        long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", float("inf"))
        return long_enough and re.search(schema.get("pattern", ""), value) is not None and "format" not in schema
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (value, False) >= _lowest(schema) and (-value, False) >= _highest(schema) and "multipleOf" not in schema
    return True


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = {**target, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def _alternatives(schema: Schema, root: Schema) -> list[Schema]:
    branches = schema.get("anyOf") or schema.get("oneOf")
    if not branches:
        return [schema]
    beside = {name: value for name, value in schema.items() if name not in ("anyOf", "oneOf")}
    resolved = [{**beside, **_resolved(branch, root)} for branch in branches]
    return [alternative for branch in resolved for alternative in _alternatives(branch, root)]


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _types(schema: Schema) -> set[str]:
    kinds = schema["type"]
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _type_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", list: "array", dict: "object"}
    return names[type(value)]


def _under(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name


def _is_only_enums(found: list[Break]) -> bool:
    return all(each.rule == "enum_widened" for each in found)
