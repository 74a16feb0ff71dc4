"""The problems that each operation can answer with, as named responses of the OpenAPI document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from makersync.http.problems import (
    MEDIA_TYPE,
    BodyTooLarge,
    Conflict,
    Forbidden,
    Gone,
    IdempotencyMismatch,
    MalformedBody,
    MalformedRequest,
    NotFound,
    Problem,
    ServiceUnavailable,
    StaleVersion,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
    ValidationProblem,
    VersionRequired,
    WritesStopped,
)
from makersync.http.rule_names import PROBLEM_RULES

Part = dict[str, Any]
#: By status: a name, and an example of each kind of problem that has this status.
_RESPONSES: Mapping[str, tuple[str, Sequence[Problem]]] = {
    "400": (
        "Malformed",
        (
            MalformedRequest.of("cursor", "cursor", "must be the next_cursor of a page of this list"),
            MalformedBody.of("json_invalid", "Expecting value at character 0", "The body is not JSON."),
        ),
    ),
    "401": ("Unauthorized", (Unauthorized("key_unknown", "The API key is not known."),)),
    "403": ("Forbidden", (Forbidden("scope_missing", "The API key lacks the scope of this operation."),)),
    "404": ("NotFound", (NotFound("no_such_thing", "There is no such thing."),)),
    "409": ("Conflict", (Conflict("request_under_way", "A request with this Idempotency-Key is under way; try again."),)),
    "410": ("Gone", (Gone("feed_position", "What follows position 17 is not kept. Read /v1/feed/snapshot."),)),
    "412": ("StaleVersion", (StaleVersion("version_outdated", "The current version is 8: read it again before changing it."),)),
    "413": ("BodyTooLarge", (BodyTooLarge("body_too_large", "A body may have at most 262144 bytes."),)),
    "415": (
        "UnsupportedMediaType",
        (UnsupportedMediaType("content_type", "Send the body as Content-Type: application/json."),),
    ),
    "422": (
        "Invalid",
        (
            ValidationProblem.of("name", "missing", "Field required"),
            IdempotencyMismatch("idempotency_key_reused", "Use a new Idempotency-Key for a new request."),
        ),
    ),
    "428": (
        "VersionRequired",
        (VersionRequired("version_required", 'Send the ETag of the version that you are changing: If-Match: "7".'),),
    ),
    "429": ("TooManyRequests", (TooManyRequests("feed_readers", "At most 8 requests of one organisation wait at a time."),)),
    "503": (
        "Unavailable",
        (
            ServiceUnavailable("part_away", "A part of the service is away; nothing was changed. Try again."),
            WritesStopped("writes_stopped", "An operator has to repair the service first; nothing was changed."),
        ),
    ),
}
_OTHERS: Mapping[str, tuple[str, str]] = {
    "4XX": ("CallerProblem", "Another problem that the caller can fix; its `rule` says which."),
    "5XX": (
        "ServiceProblem",
        "Another problem of the service; the operator finds its cause by `instance`.",
    ),
}
_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def problem_responses() -> Part:
    """Every named response, for the document's components."""
    named = {name: _response(problems) for name, problems in _RESPONSES.values()}
    others = {name: {"description": said, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}} for name, said in _OTHERS.values()}
    return named | others


def add_problems(operation: Part, method: str, path: str) -> None:
    """Add, in place, the operation's possible problem responses; responses that its route documents itself are kept."""
    responses = operation["responses"]
    for status in _statuses(operation, method, path):
        responses.setdefault(status, _named(_RESPONSES[status][0]))
    for status, (name, _) in _OTHERS.items():
        responses[status] = _named(name)


def _statuses(operation: Part, method: str, path: str) -> Iterator[str]:
    headers = {each["name"].lower() for each in operation.get("parameters", ()) if each["in"] == "header"}
    parameters = {each["name"] for each in operation.get("parameters", ())}
    takes_body = "requestBody" in operation
    if takes_body or headers or "cursor" in parameters:
        yield "400"
    if operation["security"]:
        yield from ("401", "403")
    if "{" in path:
        yield "404"
    if method != "get":
        yield "409"
    if "after" in parameters:
        yield from ("410", "429")
    if "if-match" in headers:
        yield from ("412", "428")
    if takes_body:
        yield from ("413", "415")
    if takes_body or parameters:
        yield "422"
    yield "503"


def _named(name: str) -> Part:
    return {"$ref": f"#/components/responses/{name}"}


def _response(problems: Sequence[Problem]) -> Part:
    meanings = " ".join(f"`{each.type}`: {_said(each)}" for each in problems)
    examples = {each.name: {"summary": each.title, "value": _example(each)} for each in problems}
    return {"description": meanings, "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": examples}}}


def _said(problem: Problem) -> str:
    rules = ", ".join(f"`{rule}`" for rule in PROBLEM_RULES.get(problem.name, ()))
    return meaning_of(type(problem)) + (f" Rules: {rules}." if rules else "")


def meaning_of(kind: type[Problem]) -> str:
    """The first line of the class's docstring."""
    return (kind.__doc__ or "").strip().partition("\n")[0]


def _example(problem: Problem) -> Part:
    return problem.document().model_dump(exclude_none=True, exclude=None if problem.errors else {"errors"})
