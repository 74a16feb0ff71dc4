"""The cookie that a browser is signed in with, and the ways to the page where one signs in and back."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import Response

from makersync.members.pending_sign_ins import LONGEST_PENDING
from makersync.pages.headers import PAGE_HEADERS
from makersync.pages.redirects import see_other

SIGN_IN, CODE = "/sign-in", "/sign-in/code"
#: With this prefix browsers send a cookie to this host alone, over TLS alone (on loopback plain HTTP counts as such).
_PREFIX = "__Host-makersync"
#: The parameter of a page's search.
SEARCH = "q"
_LONGEST_WAY_BACK = 1000


class SessionCookie:
    """Named after the service: browsers do not tell the ports of a host apart, and services may share a host."""

    def __init__(self, service: str) -> None:
        self.name = f"{_PREFIX}-{service}"
        self._pending = f"{self.name}-half-way"

    def token(self, request: Request) -> str:
        """The token of the session in the browser's cookie; empty without one."""
        return request.cookies.get(self.name, "")

    def pending_sign_in(self, request: Request) -> str:
        """The token of a browser that gave a password and has not given a code; empty without one."""
        return request.cookies.get(self._pending, "")

    def asked_for_code(self, token: str, way: str) -> Response:
        """To the page that asks for the code; the cookie ends with the time for it."""
        answer = see_other(_with_way(CODE, way))
        most = int(LONGEST_PENDING.total_seconds())
        answer.set_cookie(self._pending, token, most, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def signed_in(self, token: str, way: str) -> Response:
        """To the page that was asked for, as somebody who is signed in."""
        answer = see_other(way)
        answer.set_cookie(self.name, token, path="/", secure=True, httponly=True, samesite="lax")
        answer.delete_cookie(self._pending, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def signed_out(self) -> Response:
        """To the page where one signs in, as nobody."""
        answer = see_other(SIGN_IN)
        answer.delete_cookie(self.name, path="/", secure=True, httponly=True, samesite="lax")
        return answer


def is_script_request(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true"


def way_back(wanted: str | None) -> str:
    """A path of this service, whatever was asked for: `//host` and `/\\host` lead elsewhere."""
    if wanted is None or len(wanted) > _LONGEST_WAY_BACK or not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return "/"
    return wanted if wanted.isprintable() else "/"


def to_sign_in(request: Request) -> Response:
    if is_script_request(request):
        headers = {**PAGE_HEADERS, "HX-Redirect": _sign_in_and_back(*_shown(request))}
        return Response(status_code=401, headers=headers)
    return see_other(_sign_in_and_back(request.url.path, request.url.query))


def _shown(request: Request) -> tuple[str, str]:
    """Path and query of the page that a script is on; of what is no URL, those of the first page."""
    try:
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return "/", ""
    return shown.path, shown.query


def _sign_in_and_back(path: str, query: str) -> str:
    """What was searched for may be a person's name, and is not written into another address."""
    query = urlencode([each for each in parse_qsl(query) if each[0] != SEARCH])
    return _with_way(SIGN_IN, way_back(f"{path}?{query}" if query else path))


def _with_way(path: str, way: str) -> str:
    return path if way == "/" else f"{path}?{urlencode({'next': way})}"
