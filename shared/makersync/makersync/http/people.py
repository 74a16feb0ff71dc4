"""What people get who open an address in a browser at which there is no page: words and a way on, no JSON."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from starlette.routing import Route

from makersync.http.problems import MethodNotAllowed, Problem

Shows = Callable[[Request, Problem], Response]
_API = "/v1/"
_SEE_OTHER = 303


class PageRoute(Route):
    """A page. `shows` shows a problem as a page of the same site."""

    def __init__(self, path: str, endpoint: Callable[..., Any], methods: Sequence[str], shows: Shows) -> None:
        super().__init__(path, endpoint, methods=list(methods))
        self.shows = shows


def for_people(request: Request, problem: Problem) -> Response | None:
    """The page of a problem with the address itself; None for programs, and where there are no pages. Whoever opens the address
    that a form is sent to, as by a reload, is led to the page above it."""
    pages = [each for each in request.app.router.routes if isinstance(each, PageRoute)]
    if not pages or "text/html" not in request.headers.get("Accept", ""):
        return None
    path = request.url.path
    if isinstance(problem, MethodNotAllowed) and request.method in ("GET", "HEAD") and not path.startswith(_API):
        headers = {"Location": quote(_page_above(pages, path)), "Cache-Control": "no-store"}
        return Response(status_code=_SEE_OTHER, headers=headers)
    return pages[0].shows(request, problem)


def _page_above(pages: Sequence[PageRoute], path: str) -> str:
    while path := path.rpartition("/")[0]:
        if any("GET" in (each.methods or ()) and each.path_regex.match(path) for each in pages):
            return path
    return "/"
