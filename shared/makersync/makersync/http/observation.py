"""Observes every request: its trace, one log line, its metrics, and a response even to an unexpected error."""

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from makersync.http.answers import NO_ANSWER, answer_failure
from makersync.http.matched_route import template_of
from makersync.http.traces import accepted_trace
from makersync.http.wiring import Wiring
from makersync.tracing import Trace, traced

CORRELATION_HEADER = "X-Correlation-Id"
#: Requested every few seconds by machines: logged at info level only if they fail.
_ROUTINE = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger(__name__)


class Observation:
    """The outermost ASGI middleware. It logs method, route template, status and duration, but never a body or query."""

    def __init__(self, app: ASGIApp, wiring: Wiring) -> None:
        self._app = app
        self._clock = wiring.clock
        self._metrics = wiring.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        trace = accepted_trace(headers.get(CORRELATION_HEADER), headers.get("traceparent"))
        answer = _Answer(send, trace)
        started = self._clock.monotonic()
        with traced(trace):
            try:
                await self._answered(scope, receive, answer)
            finally:
                self._record(scope, answer.status, self._clock.monotonic() - started)

    async def _answered(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            response = answer_failure(error)
            if answer.status != NO_ANSWER:
                raise
            await response(scope, receive, answer.send)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        template = template_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.http_requests.labels(method, template, str(status)).inc()
        self._metrics.http_seconds.labels(method, template).observe(seconds)
        write = log.debug if template in _ROUTINE and status < 400 else log.info
        write("request.handled", method=method, route=template, status=status, seconds=round(seconds, 6))


class _Answer:
    """The response as it is sent: remembers the status and adds the correlation id."""

    def __init__(self, send: Send, trace: Trace) -> None:
        self._send = send
        self._trace = trace
        self.status = NO_ANSWER

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[CORRELATION_HEADER] = self._trace.correlation_id or ""
            headers.setdefault("X-Content-Type-Options", "nosniff")
            # Responses belong to one organisation and often contain personal data, so no cache may store them.
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)
