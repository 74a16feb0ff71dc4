"""Restores nulls in examples: FastAPI drops them from declared examples, which would then lack required fields."""

from collections.abc import Mapping
from typing import Any

_REFERENCE = "#/components/schemas/"
#: Part of an OpenAPI document: a JSON object that is changed in place.
Part = dict[str, Any]


def restore_nulls(schemas: Mapping[str, Part]) -> None:
    """Set, in place, every missing required field of a declared example to null."""
    for schema in schemas.values():
        for part in (schema, *schema.get("properties", {}).values()):
            if "examples" in part:
                part["examples"] = [with_nulls(each, part, schemas) for each in part["examples"]]


def with_nulls(example: Any, schema: Mapping[str, Any], schemas: Mapping[str, Part]) -> Any:
    """The example of the schema with null for every required field that is missing from it or from its parts."""
    if isinstance(example, list):
        items = _described(example, schema, schemas).get("items", {})
        return [with_nulls(each, items, schemas) for each in example]
    if not isinstance(example, dict):
        return example
    described = _described(example, schema, schemas)
    fields = described.get("properties", {})
    whole = dict.fromkeys(described.get("required", ())) | example
    return {name: with_nulls(whole[name], fields.get(name, {}), schemas) for name in [*fields, *whole] if name in whole}


def _described(example: Any, schema: Mapping[str, Any], schemas: Mapping[str, Part]) -> Mapping[str, Any]:
    """The schema that describes the example: references are resolved, and of several alternatives the one with its fields is
    taken."""
    options = schema.get("anyOf", [schema]) if "properties" not in schema else [schema]
    targets = [schemas[each["$ref"].removeprefix(_REFERENCE)] if "$ref" in each else each for each in options]
    if isinstance(example, dict):
        return next((each for each in targets if example.keys() <= each.get("properties", {}).keys()), {})
    return next((each for each in targets if "items" in each), {})
