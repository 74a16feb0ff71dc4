"""What the kit adds to FastAPI's OpenAPI document: problems, security with scopes, and examples."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from makersync.http.openapi.access import security_by_operation
from makersync.http.openapi.examples import example_of
from makersync.http.openapi.guide import guide
from makersync.http.openapi.nulls import restore_nulls, with_nulls
from makersync.http.openapi.responses import add_problems, problem_responses
from makersync.http.problems import ProblemDocument

_SCHEMAS = "#/components/schemas/"
_STREAM = "text/event-stream"
_EVENTS = {"type": "string", "description": "Events as in the HTML standard: `id`, `event`, and `data`, which is JSON."}
_NOT_MODIFIED = {"description": "The answer is the one whose `ETag` was sent as `If-None-Match`; it has no body."}
#: Part of an OpenAPI document: a JSON object that is changed in place.
Part = dict[str, Any]


def complete(document: Part, app: FastAPI, rules: Mapping[str, str], warnings: Mapping[str, str]) -> None:
    """Add, in place, what FastAPI does not know. `rules` and `warnings` map the service's own names to their meanings."""
    document["info"]["description"] = guide(rules, warnings)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_problem_schemas())
    document["components"]["responses"] = problem_responses() | {"NotModified": _NOT_MODIFIED}
    restore_nulls(schemas)
    security = security_by_operation(app)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["security"] = security[method, path]
            add_problems(operation, method, path)
            _describe_streams(operation)
            if method == "get" and not _is_stream(operation):
                operation["responses"]["304"] = {"$ref": "#/components/responses/NotModified"}
            for content in json_contents(operation):
                content["example"] = _example_for(content, schemas)


def json_contents(operation: Part) -> Iterator[Part]:
    """The JSON media types, with a schema, of an operation's body and responses."""
    for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media_type, content in holder.get("content", {}).items():
            if media_type.endswith("json") and content.get("schema"):
                yield content


def _is_stream(operation: Part) -> bool:
    return any(_STREAM in answer.get("content", {}) for answer in operation["responses"].values())


def _describe_streams(operation: Part) -> None:
    """OpenAPI 3.1 has no schema for the items of a stream, which FastAPI writes as that of 3.2."""
    for answer in operation["responses"].values():
        if _STREAM in answer.get("content", {}):
            answer["description"] = "Server-sent events, for as long as the client reads."
            answer["content"][_STREAM] = {"schema": _EVENTS, "example": "event: example\ndata: {}\nid: 1\n\n"}


def _example_for(content: Part, schemas: Mapping[str, Part]) -> Any:
    """The example that the route declares for this body or answer; otherwise one that is composed from the schema."""
    if "example" in content:
        return with_nulls(content["example"], content["schema"], schemas)
    return example_of(content["schema"], schemas)


def _problem_schemas() -> Part:
    schema = ProblemDocument.model_json_schema(ref_template=_SCHEMAS + "{model}")
    return {**schema.pop("$defs"), "Problem": schema}
