"""One service's HTTP application: JSON requests, JSON or problem responses, documented by OpenAPI 3.1."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.middleware import Middleware

from makersync.http import answers
from makersync.http.admission import Admission
from makersync.http.health import Check, inner_routes, public_health_routes
from makersync.http.limits import BodyLimit
from makersync.http.matched_route import RouteIndex
from makersync.http.misses import MissLimit
from makersync.http.observation import Observation
from makersync.http.openapi.document import complete
from makersync.http.openapi.page import page_routes
from makersync.http.routing import CheckedRoute
from makersync.http.wiring import Wiring
from makersync.telemetry import Metrics

NO_NAMES: Mapping[str, str] = MappingProxyType({})


def create_app(
    title: str,
    version: str,
    wiring: Wiring,
    routers: Sequence[APIRouter],
    readiness: Mapping[str, Check],
    rules: Mapping[str, str] = NO_NAMES,
    warnings: Mapping[str, str] = NO_NAMES,
) -> FastAPI:
    """The application of one service. FastAPI's own documentation pages are disabled because they load scripts from other
    hosts.

    `rules` and `warnings` map the service's own rule names to their meanings, for its OpenAPI document.
    """
    app = _Application(
        title=title,
        version=version,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "The host that answered with this document."}],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Observation, wiring=wiring),
            Middleware(Admission, most=wiring.settings.http_requests),
            Middleware(BodyLimit, largest=wiring.settings.body_limit),
        ],
        # FastAPI's own log records would contain the rejected values.
        telemetry={"logs": False, "metrics": False, "auto_configure": False},
    )
    app.rules, app.warnings = rules, warnings
    app.state.wiring = wiring
    app.state.routes = RouteIndex(app)
    app.state.miss_limit = MissLimit(wiring.clock)
    answers.install(app)
    for router in (public_health_routes(readiness), *routers):
        # Not included, which would build each of their routes a second time.
        app.router.routes.extend(router.routes)
    app.router.routes.extend(page_routes(title))
    _demand_checked(app)
    _demand_unique_names(app)
    return app


def create_inner_app(readiness: Mapping[str, Check], metrics: Metrics) -> FastAPI:
    """The application of the inner port, for supervisors and dashboards; it is not reachable from outside."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.routes = RouteIndex(app)
    answers.install(app)
    app.include_router(inner_routes(readiness, metrics))
    return app


def _demand_checked(app: FastAPI) -> None:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and not isinstance(route, CheckedRoute):
            raise TypeError(f"{context.path_format} is no CheckedRoute: give its router that route_class")


def _demand_unique_names(app: FastAPI) -> None:
    """Generated clients use these names for their methods."""
    names = Counter(
        each.original_route.name for each in iter_route_contexts(app.routes) if isinstance(each.original_route, APIRoute)
    )
    if repeated := sorted(name for name, times in names.items() if times > 1):
        raise TypeError(f"several routes of {app.title} are called {', '.join(repeated)}: give each a name of its own")


class _Application(FastAPI):
    rules = NO_NAMES
    warnings = NO_NAMES

    def openapi(self) -> dict[str, Any]:
        known = self.openapi_schema
        document = super().openapi()
        if document is not known:
            complete(document, self, self.rules, self.warnings)
        return document
