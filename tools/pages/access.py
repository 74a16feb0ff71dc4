"""Who may call a route, read off the dependencies that guard it."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from makersync.http.key_rotation import MANAGE_KEYS, demand_manager
from makersync.http.keys import OPERATOR
from makersync.http.security import authenticated

Operation = tuple[str, str]
OPERATORS_KEY = "an operator's key"
#: What the guards that are no plain scope let in, by their names in the services.
_GUARDS: Mapping[str, str] = {
    "_reader": f"`{{service}}:read`, or {OPERATORS_KEY}",
    "_reader_or_operator": f"`{{service}}:read`, or {OPERATORS_KEY}",
    "_holder": "any key of an organisation",
}


def access_by_operation(app: FastAPI, service: str) -> Mapping[Operation, str]:
    """What key each operation needs, by method and path; operations that need none are left out."""
    return {
        (method, str(context.path_format)): access
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, APIRoute) and (access := _access(route, service))
        for method in sorted(route.methods or ())
    }


def _access(route: APIRoute, service: str) -> str:
    if demand_manager in inspect.getclosurevars(route.endpoint).globals.values():
        return f"`{MANAGE_KEYS}`"
    calls = list(_calls(route.dependant))
    for call in calls:
        scope = inspect.getclosurevars(call).nonlocals.get("scope")
        if isinstance(scope, str):
            return OPERATORS_KEY if scope == OPERATOR else f"`{scope}`"
        if (said := _GUARDS.get(getattr(call, "__name__", ""))) is not None:
            return said.format(service=service)
    return "any key" if authenticated in calls else ""


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for each in dependant.dependencies:
        if each.call is not None:
            yield each.call
        yield from _calls(each)
