"""The route that a request matched: its template, its query parameters and its body."""

import re
from dataclasses import dataclass
from typing import get_origin

from fastapi import FastAPI, params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.types import Scope

from makersync.http.security import authenticated

UNMATCHED = "unmatched"
#: Where a page says in the scope which template its path has.
PAGE_TEMPLATE = "makersync.page"


@dataclass(frozen=True, slots=True)
class MatchedRoute:
    """`template` is the path with the names of its parameters; `lists` are the query parameters that may be repeated;
    `needs_key` says whether the route requires an API key."""

    template: str
    pattern: re.Pattern[str]
    parameters: frozenset[str]
    lists: frozenset[str]
    takes_body: bool
    takes_json: bool
    needs_key: bool


class RouteIndex:
    """The routes of an application, including those of its routers."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._known: dict[int, list[MatchedRoute]] = {}

    def find(self, scope: Scope) -> MatchedRoute | None:
        """The route that the router chose for `scope`; None before that, or if none of the application's routes matched."""
        route = scope.get("route")
        if not isinstance(route, APIRoute):
            return None
        if id(route) not in self._known:
            self._learn()
        candidates = self._known.get(id(route), [])
        if len(candidates) == 1:
            return candidates[0]
        return next((c for c in candidates if c.pattern.match(scope["path"])), None)

    def methods(self, path: str) -> list[str]:
        """The methods of all routes at this address, whichever of them the router met first."""
        contexts = iter_route_contexts(self._app.routes)
        return sorted({method for each in contexts if each.path_regex.match(path) for method in each.methods or ()})

    def _learn(self) -> None:
        self._known.clear()
        for context in iter_route_contexts(self._app.routes):
            if isinstance(context.original_route, APIRoute):
                self._known.setdefault(id(context.original_route), []).append(_matched(context))


def _matched(context: RouteContext) -> MatchedRoute:
    queries = [each for each in get_flat_params(context.dependant) if isinstance(each.field_info, params.Query)]
    body = context.body_field
    return MatchedRoute(
        template=context.path_format or UNMATCHED,
        pattern=context.path_regex,
        parameters=frozenset(f.alias for f in queries),
        lists=frozenset(f.alias for f in queries if get_origin(f.field_info.annotation) in (list, tuple, set, frozenset)),
        takes_body=body is not None,
        takes_json=body is not None and not isinstance(body.field_info, params.Form),
        needs_key=_asks_for_a_key(context.dependant),
    )


def _asks_for_a_key(dependant: Dependant) -> bool:
    return dependant.call is authenticated or any(map(_asks_for_a_key, dependant.dependencies))


def template_of(scope: Scope) -> str:
    """The path that was asked for, with the names of its parameters."""
    route = matched_route(scope)
    return str(scope.get(PAGE_TEMPLATE, UNMATCHED)) if route is None else route.template


def matched_route(scope: Scope) -> MatchedRoute | None:
    index = scope["app"].state.routes
    assert isinstance(index, RouteIndex)
    return index.find(scope)
