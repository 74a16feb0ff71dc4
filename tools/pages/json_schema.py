"""JSON Schema in words: the type of a field with its bounds, and a table of the fields of an object."""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.pages.markdown import code, table

Schema = Mapping[str, Any]
_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("pattern", "matches `{}`"),
    ("default", "default `{}`"),
)


def fields_table(schema: Schema, demanded: str, anchor: str = "") -> str:
    """The properties of an object; `demanded` heads the column of those that must be there, and `anchor` is the start of the
    heading ids that named schemas are linked to, if they are."""
    required = schema.get("required", ())
    rows = [
        (code(name), words(each, anchor), "yes" if name in required else "", meaning(each))
        for name, each in schema.get("properties", {}).items()
    ]
    return table(("field", "type", demanded, "meaning"), rows)


def meaning(schema: Schema) -> str:
    """What a field says of itself, or else what its alternatives say."""
    said = (each.get("description", "") for each in (schema, *schema.get("anyOf", ())))
    return next(filter(None, said), "")


def words(schema: Schema, anchor: str = "") -> str:
    """The type with its bounds, such as `integer, at least 1`."""
    return ", ".join([_kind(schema, anchor), *_bounds(schema)])


def _kind(schema: Schema, anchor: str) -> str:
    if "$ref" in schema:
        return _reference(schema["$ref"], anchor)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(words(each, anchor) for each in options)
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(code(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {words(schema.get('items', {}), anchor)}"
    return str(schema.get("format") or schema.get("type", "any"))


def _reference(target: str, anchor: str) -> str:
    name = target.rpartition("/")[2]
    return f"[{name}](#{anchor}{name.lower()})" if anchor else name


def _bounds(schema: Schema) -> Iterator[str]:
    for key, said in _BOUNDS:
        value = schema.get(key)
        if value not in (None, ""):
            yield said.format(int(value) if isinstance(value, float) and value.is_integer() else value)
