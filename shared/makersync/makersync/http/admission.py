"""Limits the requests in progress; any further request is rejected at once and cheaply."""

from starlette.types import ASGIApp, Receive, Scope, Send

from makersync.http.problems import ServiceUnavailable

#: Supervisors must learn that the process is alive, however busy it is.
EXEMPT = frozenset({"/healthz", "/readyz", "/metrics"})
#: Requests that wait for news in a feed cost next to nothing, and are counted apart from those that are worked on.
MOST_WAITING = 400
RETRY_AFTER_S = 1
#: Paths of answers that go on for as long as the caller reads: the feed's, and the one that keeps pages up to date.
STREAM, PAGE_CHANGES = "/v1/feed/events", "/changes"
#: How the paths of the operations begin that may wait for their answer.
_WAITING = ("/v1/feed", "/v1/openings/preview")


class Admission:
    """ASGI middleware: at most `most` requests are in progress, and `most_waiting` readers and as many pages wait for news;
    others are answered with 503 and Retry-After."""

    def __init__(self, app: ASGIApp, most: int, most_waiting: int = MOST_WAITING) -> None:
        self._app = app
        self._most = {"work": most, "wait": most_waiting, "page": most_waiting}
        self._under_way = dict.fromkeys(self._most, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in EXEMPT:
            await self._app(scope, receive, send)
            return
        kind = _kind(scope)
        if self._under_way[kind] >= self._most[kind]:
            detail = "As many requests are under way as can be; nothing was changed."
            full = ServiceUnavailable("busy", detail, RETRY_AFTER_S)
            await full.response()(scope, receive, send)
            return
        self._under_way[kind] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[kind] -= 1


def _kind(scope: Scope) -> str:
    if scope["path"] == PAGE_CHANGES:
        return "page"
    waits = b"wait=" in scope["query_string"] and scope["path"].startswith(_WAITING)
    return "wait" if scope["path"] == STREAM or waits else "work"
