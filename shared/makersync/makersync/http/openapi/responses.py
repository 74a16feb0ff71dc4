"""The problems that each operation can answer with, as named responses of the OpenAPI document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from makersync.http.problems import (
    MEDIA_TYPE,
    TYPE_PREFIX,
    BodyTooLarge,
    Conflict,
    FieldError,
    Forbidden,
    IdempotencyMismatch,
    MalformedBody,
    MalformedRequest,
    NotFound,
    Problem,
    ProblemDocument,
    ServiceUnavailable,
    StaleVersion,
    Unauthorized,
    UnsupportedMediaType,
    ValidationProblem,
    VersionRequired,
    WritesStopped,
)

Part = dict[str, Any]
#: By status: a name, and the kinds of problems that have this status.
_RESPONSES: Mapping[str, tuple[str, Sequence[type[Problem]]]] = {
    "400": ("Malformed", (MalformedRequest, MalformedBody)),
    "401": ("Unauthorized", (Unauthorized,)),
    "403": ("Forbidden", (Forbidden,)),
    "404": ("NotFound", (NotFound,)),
    "409": ("Conflict", (Conflict,)),
    "412": ("StaleVersion", (StaleVersion,)),
    "413": ("BodyTooLarge", (BodyTooLarge,)),
    "415": ("UnsupportedMediaType", (UnsupportedMediaType,)),
    "422": ("Invalid", (ValidationProblem, IdempotencyMismatch)),
    "428": ("VersionRequired", (VersionRequired,)),
    "503": ("Unavailable", (ServiceUnavailable, WritesStopped)),
}
_OTHERS: Mapping[str, tuple[str, str]] = {
    "4XX": ("CallerProblem", "Another problem that the caller can mend; its `type` says which."),
    "5XX": (
        "ServiceProblem",
        "Another problem of the service; the operator finds its cause by `instance`.",
    ),
}
_SCHEMA = {"$ref": "#/components/schemas/Problem"}
_DETAILS: Mapping[type[Problem], str] = {
    MalformedRequest: "cursor: must be the next_cursor of a page of this list, asked for with the same filters",
    MalformedBody: "The body is not JSON: Expecting value at character 0.",
    Unauthorized: "The API key is not known.",
    Forbidden: "The API key lacks the scope of this operation.",
    NotFound: "There is no such thing.",
    Conflict: "A request with this Idempotency-Key is under way; try again.",
    StaleVersion: "The current version is 8: read it again before changing it.",
    BodyTooLarge: "A body may have at most 262144 bytes.",
    UnsupportedMediaType: "Send the body as Content-Type: application/json.",
    ValidationProblem: "name: Field required",
    IdempotencyMismatch: "Use a new Idempotency-Key for a new request.",
    VersionRequired: 'Send the ETag of the version that you are changing: If-Match: "7".',
    ServiceUnavailable: "A part of the service is away; nothing was changed. Try again.",
    WritesStopped: "An operator has to mend the service first; nothing was changed.",
}
_RULES: Mapping[type[Problem], str] = {Conflict: "request_under_way"}
_ERRORS: Mapping[type[Problem], FieldError] = {
    MalformedRequest: FieldError(field="cursor", rule="cursor", detail="must be the next_cursor of a page of this list"),
    MalformedBody: FieldError(field="body", rule="json_invalid", detail="Expecting value at character 0"),
    ValidationProblem: FieldError(field="name", rule="missing", detail="Field required"),
}


def problem_responses() -> Part:
    """Every named response, for the document's components."""
    named = {name: _response(kinds) for name, kinds in _RESPONSES.values()}
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
    if "if-match" in headers:
        yield from ("412", "428")
    if takes_body:
        yield from ("413", "415")
    if takes_body or parameters:
        yield "422"
    yield "503"


def _named(name: str) -> Part:
    return {"$ref": f"#/components/responses/{name}"}


def _response(kinds: Sequence[type[Problem]]) -> Part:
    meanings = " ".join(f"`{TYPE_PREFIX}{kind.name}`: {meaning_of(kind)}" for kind in kinds)
    examples = {kind.name: {"summary": kind.title, "value": _example(kind)} for kind in kinds}
    return {"description": meanings, "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": examples}}}


def meaning_of(kind: type[Problem]) -> str:
    """The first line of the class's docstring."""
    return (kind.__doc__ or "").strip().partition("\n")[0]


def _example(kind: type[Problem]) -> Part:
    document = ProblemDocument(
        type=TYPE_PREFIX + kind.name,
        title=kind.title,
        status=kind.status,
        detail=_DETAILS[kind],
        rule=_RULES.get(kind),
        errors=[_ERRORS[kind]] if kind in _ERRORS else [],
    )
    return document.model_dump(exclude_none=True, exclude=None if document.errors else {"errors"})
