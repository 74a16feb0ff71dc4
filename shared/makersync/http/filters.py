"""What every route refuses before it runs: parameters it does not know, text no database holds, bodies that are not JSON.

`create_app` puts `refuse_what_no_route_reads` on the application, so that no route can forget it.
"""

from email.message import Message

from fastapi import Request

from makersync.http.matched import matched_route
from makersync.http.problems import FieldError, UnsupportedMediaType, ValidationProblem

_LONGEST_NAME = 100


async def refuse_what_no_route_reads(request: Request) -> None:
    """Raises ValidationProblem or UnsupportedMediaType."""
    _refuse_nul(request)
    route = matched_route(request.scope)
    if route is None:
        return
    _refuse_unknown_parameters(request, route.parameters)
    if route.takes_json:
        await _refuse_other_media_types(request)


def _refuse_unknown_parameters(request: Request, known: frozenset[str]) -> None:
    """A misspelt filter that is ignored would answer another question than the one asked."""
    listed = ", ".join(sorted(known)) or "none"
    errors = [
        FieldError(field=name[:_LONGEST_NAME], rule="unknown_parameter", detail=f"not a parameter here; known: {listed}")
        for name in dict.fromkeys(request.query_params.keys())
        if name not in known
    ]
    if errors:
        raise ValidationProblem(f"{errors[0].field}: {errors[0].detail}", errors[:20])


def _refuse_nul(request: Request) -> None:
    """PostgreSQL holds no NUL in text; better a refusal that names the place than a failed transaction."""
    places = [*request.query_params.multi_items(), *request.path_params.items()]
    for name, value in places:
        if "\0" in f"{name}{value}":
            raise ValidationProblem.of(name.replace("\0", "")[:_LONGEST_NAME], "nul_character", "must not contain NUL")


async def _refuse_other_media_types(request: Request) -> None:
    if await request.body() and not _is_json(request.headers.get("content-type", "")):
        raise UnsupportedMediaType("Send the body as Content-Type: application/json.")


def _is_json(content_type: str) -> bool:
    message = Message()
    message["content-type"] = content_type
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))
