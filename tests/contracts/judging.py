"""Validation of documents with the official JSON Schema implementation, formats included."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

FORMATS = FormatChecker(["date"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def complaints(schema: Mapping[str, Any], document: object) -> list[str]:
    """What is wrong with the document; nothing when it satisfies the schema."""
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def closed(node: Any) -> Any:
    """The schema without room for properties that it does not list."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {name: closed(value) for name, value in node.items()}
    return inner | {"additionalProperties": False} if "properties" in node and "type" in node else inner
