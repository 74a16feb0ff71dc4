"""The kit's route class: it identifies the caller first, then rejects everything in the request that the route would not read,
and sends no answer that the caller has already.

`create_app` accepts no other route class, so that no route can bypass these checks.
"""

from collections import Counter
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from makersync.http.conditional import unless_known
from makersync.http.json_text import parse_json
from makersync.http.matched_route import MatchedRoute, matched_route
from makersync.http.problems import FieldError, MalformedRequest, UnsupportedMediaType, ValidationProblem
from makersync.http.security import identify

_LONGEST_NAME = 100
_MOST_ERRORS = 20
_UNREAD = object()
#: Keeps FastAPI from documenting its own error format; `makersync.http.openapi` names the problems of each operation.
_PROBLEM_ANSWERS: dict[int | str, dict[str, Any]] = {"4XX": {"description": "A problem."}, "5XX": {"description": "A problem."}}


class CheckedRoute(APIRoute):
    """Raises Unauthorized before it reports anything malformed. Its operation is called as its function is."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        responses = {**_PROBLEM_ANSWERS, **(options.pop("responses", None) or {})}
        options["generate_unique_id_function"] = _operation_id
        super().__init__(path, endpoint, responses=responses, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            read_once = _Request(request.scope, request.receive, request._send)
            await _check(read_once)
            return unless_known(request, await handle(read_once))

        return checked


def _operation_id(route: APIRoute) -> str:
    return route.name


class _Request(Request):
    """A request whose JSON is always read by the kit's parser."""

    _value: object = _UNREAD

    async def json(self) -> Any:
        if self._value is _UNREAD:
            self._value = parse_json(await self.body())
        return self._value


async def _check(request: _Request) -> None:
    route = matched_route(request.scope)
    if route is None:
        return
    if route.needs_key:
        await identify(request)
    refuse_unreadable(request)
    _refuse_parameters(request, route)
    if not await request.body():
        return
    if not route.takes_body:
        raise MalformedRequest.of("body", "unexpected_body", "nothing here reads a body: send none")
    if route.takes_json:
        _demand_json(request)
        await request.json()


def refuse_unreadable(request: Request) -> None:
    """Refuse an address that is no UTF-8 text or holds NUL. Raises MalformedRequest and ValidationProblem."""
    _refuse_other_encodings(request)
    _refuse_nul(request)


def _refuse_parameters(request: Request, route: MatchedRoute) -> None:
    """Ignoring a misspelt or repeated filter would answer another question than the one that was asked."""
    given = Counter(name for name, _ in request.query_params.multi_items())
    listed = ", ".join(sorted(route.parameters)) or "none"
    errors = [
        FieldError(field=name[:_LONGEST_NAME], rule="unknown_parameter", detail=f"not a parameter here; known: {listed}")
        for name in given
        if name not in route.parameters
    ]
    errors += [
        FieldError(field=name, rule="repeated_parameter", detail="must be given once")
        for name, times in given.items()
        if times > 1 and name in route.parameters - route.lists
    ]
    if errors:
        raise ValidationProblem.of_all(errors[:_MOST_ERRORS])


def _refuse_other_encodings(request: Request) -> None:
    """Bytes in another encoding would be replaced, and another question than the one that was asked would be answered."""
    for part in (request.scope.get("raw_path") or b"", request.scope["query_string"]):
        try:
            unquote_to_bytes(part).decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedRequest.of("address", "encoding", "must be UTF-8, percent-encoded") from error


def _refuse_nul(request: Request) -> None:
    """PostgreSQL cannot store NUL in text, and an error that names the field is better than a failed transaction."""
    places = [*request.query_params.multi_items(), *request.path_params.items()]
    for name, value in places:
        if "\0" in f"{name}{value}":
            raise ValidationProblem.of(name.replace("\0", "")[:_LONGEST_NAME], "nul_character", "must not contain NUL")


def _demand_json(request: Request) -> None:
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    subtype = message.get_content_subtype()
    if message.get_content_maintype() != "application" or not (subtype == "json" or subtype.endswith("+json")):
        raise UnsupportedMediaType("content_type", "Send the body as Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("content_encoding", "Send the body as it is: no Content-Encoding is read here.")
