"""Which keys each operation admits, read off the dependencies that guard its route."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from makersync.http.security import admitted_scopes, authenticated

#: A method in lower case and the template of a path, as an OpenAPI document names an operation.
Operation = tuple[str, str]
SCHEME = "api_key"


def security_by_operation(app: FastAPI) -> Mapping[Operation, list[dict[str, list[str]]]]:
    """The OpenAPI security requirements of each operation: one for each alternative; none where no key is asked for."""
    return {
        (method.lower(), str(context.path_format)): _security(list(_calls(route.dependant)))
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, APIRoute)
        for method in route.methods or ()
    }


def _security(calls: Sequence[Callable[..., Any]]) -> list[dict[str, list[str]]]:
    if authenticated not in calls:
        return []
    scopes = next((found for call in calls if (found := admitted_scopes(call)) is not None), ())
    return [{SCHEME: [scope]} for scope in scopes] or [{SCHEME: []}]


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """The outermost guard comes before those that it stands on."""
    for each in dependant.dependencies:
        if each.call is not None:
            yield each.call
        yield from _calls(each)
