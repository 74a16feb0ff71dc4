"""What the application knows of the route that a request met: its template, its query parameters, its body."""

import re
from dataclasses import dataclass

from fastapi import FastAPI, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.types import Scope

UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class MatchedRoute:
    """`template` is the path with its parameters' names; `takes_json` whether the route reads a JSON body."""

    template: str
    pattern: re.Pattern[str]
    parameters: frozenset[str]
    takes_json: bool


class RouteIndex:
    """The routes of an application, with what including routers added to them."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._known: dict[int, list[MatchedRoute]] = {}

    def find(self, scope: Scope) -> MatchedRoute | None:
        """The route that the router chose for `scope`; None before it chose, or when nothing of ours matched."""
        route = scope.get("route")
        if not isinstance(route, APIRoute):
            return None
        if id(route) not in self._known:
            self._learn()
        candidates = self._known.get(id(route), [])
        if len(candidates) == 1:
            return candidates[0]
        return next((c for c in candidates if c.pattern.match(scope["path"])), None)

    def _learn(self) -> None:
        self._known.clear()
        for context in iter_route_contexts(self._app.routes):
            if isinstance(context.original_route, APIRoute):
                self._known.setdefault(id(context.original_route), []).append(_matched(context))


def _matched(context: RouteContext) -> MatchedRoute:
    fields = get_flat_params(context.dependant)
    body = context.body_field
    return MatchedRoute(
        template=context.path_format or UNMATCHED,
        pattern=context.path_regex,
        parameters=frozenset(f.alias for f in fields if isinstance(f.field_info, params.Query)),
        takes_json=body is not None and not isinstance(body.field_info, params.Form),
    )


def matched_route(scope: Scope) -> MatchedRoute | None:
    index = scope["app"].state.routes
    assert isinstance(index, RouteIndex)
    return index.find(scope)
