"""Composes an example for a JSON Schema from the examples, defaults and bounds of its parts."""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
_REFERENCE = "#/components/schemas/"
_NULL = {"type": "null"}
_BY_FORMAT: Mapping[str, Any] = {"date": "2026-11-22", "date-time": "2026-11-22T09:00:00Z"}
#: Limits recursion for schemas that contain themselves.
_DEEPEST = 12


def example_of(schema: Schema, schemas: Mapping[str, Schema], depth: int = 0) -> Any:
    """A value that the schema describes. The schema's own example takes precedence; `schemas` resolves references."""
    if declared := declared_example(schema):
        return declared[0]
    if "default" in schema and (schema["default"] is not None or not _is_illustrated(schema, schemas)):
        return schema["default"]
    if depth > _DEEPEST:
        return None
    if "$ref" in schema:
        return example_of(_target(schema, schemas), schemas, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if options := _options(schema):
        return example_of(options[0], schemas, depth + 1)
    return _of_type(schema, schemas, depth + 1)


def declared_example(schema: Schema) -> Sequence[Any]:
    """The examples that the schema itself declares, possibly none."""
    return list(schema.get("examples", ()))


def _is_illustrated(schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    """Whether an alternative declares an example other than null."""
    return any(declared_example(_target(each, schemas)) for each in _options(schema))


def _options(schema: Schema) -> Sequence[Schema]:
    """The alternatives, null last. Those of an object only say which properties go together, so they are not types."""
    if "properties" in schema:
        return ()
    alternatives: Sequence[Schema] = schema.get("anyOf") or schema.get("oneOf") or ()
    return sorted(alternatives, key=lambda each: each == _NULL)


def _target(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    reference = schema.get("$ref")
    return schema if reference is None else schemas[reference.removeprefix(_REFERENCE)]


def _of_type(schema: Schema, schemas: Mapping[str, Schema], depth: int) -> Any:
    match schema.get("type"):
        case "object":
            return _of_object(schema, schemas, depth)
        case "array":
            return [example_of(each, schemas, depth) for each in schema.get("prefixItems") or [schema.get("items", {})]]
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return False
        case "string":
            return _BY_FORMAT.get(schema.get("format", ""), "text")
        case _:
            return None


def _of_object(schema: Schema, schemas: Mapping[str, Schema], depth: int) -> Any:
    if "properties" in schema:
        return {name: example_of(each, schemas, depth) for name, each in schema["properties"].items()}
    of_values = schema.get("additionalProperties")
    return {"name": example_of(of_values, schemas, depth)} if isinstance(of_values, Mapping) else {}


def _number(schema: Schema) -> int | float:
    if "exclusiveMinimum" in schema:
        return int(schema["exclusiveMinimum"]) + 1
    least: int | float = schema.get("minimum", 1)
    return int(least) if schema["type"] == "integer" else least
