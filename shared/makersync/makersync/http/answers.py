"""Turns every kind of error into a problem response."""

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from makersync.errors import RetryLater
from makersync.http.people import for_people
from makersync.http.problems import (
    BodyTooLarge,
    FieldError,
    InternalProblem,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    Problem,
    ServiceUnavailable,
    ValidationProblem,
)
from makersync.http.rule_names import rule_of
from makersync.telemetry import describe_failure

#: Bounds of a response whose size the caller could otherwise choose.
MOST_ERRORS = 100
LONGEST_FIELD = 200
LONGEST_DETAIL = 300
#: The status that proxies log for a caller who disconnected before the response.
NO_ANSWER = 499

_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
#: Types of pydantic errors whose message can quote the value.
_QUOTING = frozenset({"union_tag_invalid", "value_error", "assertion_error"})
_OBJECT, _ARRAY, _DATE = "must be a JSON object", "must be a JSON array", "must be a date such as 2026-11-22"
#: For types whose own message speaks of Python; filled in from the error's context.
_PLAIN_WORDS: Mapping[str, str] = {
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "list_type": _ARRAY,
    "tuple_type": _ARRAY,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
}

log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    """Answer problems, invalid requests, HTTP errors and temporary faults as problems. `Observation` answers any other
    error."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_broken_rules)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(RetryLater, _answer_passing_fault)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)


async def _answer_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _answer_broken_rules(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_of(error.errors()).response()


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    is_method = error.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    problem = _method_not_allowed(request) if is_method else _problem_of_status(error)
    return for_people(request, problem) or problem.response()


async def _answer_nobody(_request: Request, _error: Exception) -> Response:
    """The caller disconnected while sending; nobody receives this response."""
    return Response(status_code=NO_ANSWER)


async def _answer_passing_fault(_request: Request, error: Exception) -> Response:
    log.warning("request.unavailable", failure=describe_failure(error))
    return ServiceUnavailable("part_away", "A part of the service is away; nothing was changed. Try again.").response()


def answer_failure(error: BaseException) -> Response:
    """The response to an unexpected error: an id that is also in the log, and no internal details."""
    problem = InternalProblem("internal_fault", "The operator can find the cause by the instance.")
    problem.instance = f"urn:uuid:{uuid.uuid4()}"
    log.error("request.failed", failure_id=problem.instance, failure=describe_failure(error))
    return problem.response()


def problem_of(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem for pydantic's errors: 400 for a body that is not JSON, otherwise 422."""
    if errors and errors[0]["type"] == "json_invalid":
        return _malformed_body(errors[0])
    return ValidationProblem.of_all([_field_error(error) for error in _causes(errors)[:MOST_ERRORS]])


def _causes(errors: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Drop errors that only follow from others: pydantic counts a list's items after it has removed the invalid ones."""
    around = {tuple(error["loc"][:depth]) for error in errors for depth in range(len(error["loc"]))}
    return [error for error in errors if error["type"] != "too_short" or tuple(error["loc"]) not in around]


def _malformed_body(error: Mapping[str, Any]) -> MalformedBody:
    position, reason = error["loc"][-1], error["ctx"]["error"]
    detail = f"{reason} at character {position}"
    return MalformedBody.of("json_invalid", detail, f"The body is not JSON: {detail}.")


def _field_error(error: Mapping[str, Any]) -> FieldError:
    return FieldError(field=_field_path(error["loc"]), rule=rule_of(error["type"]), detail=_message(error)[:LONGEST_DETAIL])


def _field_path(location: Sequence[str | int]) -> str:
    inside = location[1:] if len(location) > 1 and location[0] in _PLACES else location
    return ".".join(map(str, inside))[:LONGEST_FIELD]


def _message(error: Mapping[str, Any]) -> str:
    plain = _PLAIN_WORDS.get(error["type"])
    if plain is not None:
        return plain.format_map(error.get("ctx", {})).replace("least 1 items", "least 1 item")
    message: str = error["msg"]
    if error["type"] in _QUOTING:
        for value in (error.get("input"), error.get("ctx", {}).get("tag")):
            if isinstance(value, str) and value:
                message = message.replace(value, "…")
    return message


def _problem_of_status(error: HTTPException) -> Problem:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NotFound("no_such_address", "There is nothing at this address.", headers=error.headers)
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return BodyTooLarge("body_too_large", error.detail)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return MalformedBody.of("unreadable", "not UTF-8 encoded JSON", "The body cannot be read as UTF-8 encoded JSON.")
    return _other_status(error)


def _method_not_allowed(request: Request) -> Problem:
    """The router names only the methods of the first route that matched; the address may have several routes."""
    allowed = ", ".join(request.app.state.routes.methods(request.scope["path"]))
    return MethodNotAllowed("no_such_method", f"The methods here: {allowed}.", headers={"Allow": allowed})


def _other_status(error: HTTPException) -> Problem:
    class OtherProblem(Problem):
        status = error.status_code
        name = f"http-{error.status_code}"
        title = HTTPStatus(error.status_code).phrase

    return OtherProblem("other_status", error.detail, headers=error.headers)
