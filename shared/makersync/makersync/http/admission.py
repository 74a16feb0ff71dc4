"""Limits the requests in progress; any further request is rejected at once and cheaply."""

from starlette.types import ASGIApp, Receive, Scope, Send

from makersync.http.problems import ServiceUnavailable

#: Supervisors must learn that the process is alive, however busy it is.
EXEMPT = frozenset({"/healthz", "/readyz", "/metrics"})
RETRY_AFTER_S = 1


class Admission:
    """ASGI middleware: at most `most` requests are in progress; others are answered with 503 and Retry-After."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in EXEMPT:
            await self._app(scope, receive, send)
            return
        if self._under_way >= self._most:
            detail = "As many requests are under way as can be; nothing was changed."
            full = ServiceUnavailable("busy", detail, RETRY_AFTER_S)
            await full.response()(scope, receive, send)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1
