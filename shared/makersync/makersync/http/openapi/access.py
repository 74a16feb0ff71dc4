"""The keys that each operation accepts, derived from the dependencies that guard its route."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security import HTTPBearer

from makersync.http.security import admitted_scopes, authenticated

#: A lower-case method and a path template, which identify an operation in an OpenAPI document.
Operation = tuple[str, str]
SCHEME = "api_key"


def security_by_operation(app: FastAPI) -> Mapping[Operation, list[dict[str, list[str]]]]:
    """The OpenAPI security requirements of each operation: one per alternative, and none if neither a key nor another token is
    required."""
    return {
        (method.lower(), str(context.path_format)): _security(list(_calls(route.dependant)))
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, APIRoute)
        for method in route.methods or ()
    }


def _security(calls: Sequence[Callable[..., Any]]) -> list[dict[str, list[str]]]:
    if authenticated not in calls:
        return [{call.scheme_name: []} for call in calls if isinstance(call, HTTPBearer)]
    scopes = next((found for call in calls if (found := admitted_scopes(call)) is not None), ())
    return [{SCHEME: [scope]} for scope in scopes] or [{SCHEME: []}]


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """An outer guard comes before the guards that it depends on."""
    for each in dependant.dependencies:
        if each.call is not None:
            yield each.call
        yield from _calls(each)
