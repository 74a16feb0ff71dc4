"""An HTTP connection with limits. Uvicorn's own protocol limits neither the size, number and duration of headers, nor the
duration of a body, nor the number of connections.

A sweep checks the deadlines twice a second, so that no request needs a timer.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from math import inf
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from makersync.http.disconnects import ABANDONED
from makersync.http.problems import (
    MEDIA_TYPE,
    BodyTooLarge,
    HeadersTooLarge,
    MalformedRequest,
    Problem,
    RequestTimeout,
    ServiceUnavailable,
)
from makersync.runtime.http_bounds import HttpLimits

#: Methods that change nothing, so their requests can be cancelled at any time.
_READS = frozenset({"GET", "HEAD"})


class BoundedProtocol(HttpToolsProtocol):
    """Use `bounded` to create a subclass with the limits of one server."""

    bounds: HttpLimits
    on_refusal: Callable[[str], None]

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._in_head, self._refused = False, False
        self._head_left = self._body_left = 0
        self._read_by = self._write_by = inf
        self._running: tuple[RequestResponseCycle, asyncio.Task[None]] | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether no request is in progress: the client has sent nothing, or only part of a head."""
        return self._in_head and not self._refused and not self._is_under_way

    def expire(self, now: float) -> None:
        """Close the connection if a deadline has passed."""
        if self.transport.is_closing():
            # The rest of the response still waits for its reader.
            self._write_by = min(self._write_by, now + self.bounds.write_s)
        if now > self._write_by or (self._refused and now > self._read_by):
            self.transport.abort()
        elif now > self._read_by and not self.transport.is_closing():
            self._end_late()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        is_full = len(self.connections) >= self.bounds.connections and not self._make_room()
        super().connection_made(transport)
        self._await_head(self.bounds.head_s)
        if is_full:
            detail = "The service has as many connections as it can have."
            self._refuse(ServiceUnavailable("too_many_connections", detail))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._running is not None:
            cycle, task = self._running
            if cycle.scope["method"] in _READS and not task.done():
                cast(dict[str, Any], cycle.scope)[ABANDONED] = True
                task.cancel()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._head_left == self.bounds.head_bytes or self._is_between:
            self._await_head(self.bounds.head_s)
        while data and self._in_head and not self._refused:
            # Pass on no more than the head's remaining allowance plus one byte: what follows it in the same chunk is not part
            # of the head.
            size = self._head_left + 1
            piece, data = data[:size], data[size:]
            self._head_left -= len(piece)
            super().data_received(piece)
            if self._in_head and self._head_left < 0:
                detail = f"Request line and headers may have {self.bounds.head_bytes} bytes."
                self._refuse(HeadersTooLarge("head_too_large", detail))
        if data and not self._refused and not self.transport.is_closing():
            self._receive_body(data)

    def _receive_body(self, data: bytes) -> None:
        """The application limits the body's content; this limits the bytes sent for it, including framing and trailers."""
        self._body_left -= len(data)
        if self._body_left < 0:
            self._refuse(BodyTooLarge("body_too_large", "The body is too large."))
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._await_head(self.bounds.head_s)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self.bounds.headers and not self._refused:
            self._refuse(HeadersTooLarge("too_many_headers", f"A request may have {self.bounds.headers} headers."))

    def on_headers_complete(self) -> None:
        self._in_head, self._body_left = False, self.bounds.body_bytes
        if not self._refused:
            self._read_by = self.loop.time() + self.bounds.body_s
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._refused:
            self._read_by = inf
            super().on_message_complete()

    def on_response_complete(self) -> None:
        self._running = None
        has_more_body = self.cycle.more_body
        super().on_response_complete()
        if has_more_body:
            # The response was sent before the whole body arrived, so the rest is not needed.
            self._read_by = min(self._read_by, self.loop.time() + self.bounds.linger_s)
        elif not self._is_under_way and not self._in_head:
            self._await_head(self.bounds.idle_s)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_by = self.loop.time() + self.bounds.write_s

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_by = inf

    def send_400_response(self, msg: str) -> None:
        self._refuse(MalformedRequest("not_http", "What was sent is no HTTP/1.1 request."))

    def _unsupported_upgrade_warning(self) -> None:
        """A request to upgrade is answered in HTTP/1.1 and is not logged."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
        self._running = cycle, task

    @property
    def _is_under_way(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _is_between(self) -> bool:
        """Whether the last message is complete and the next has not begun."""
        return not self._in_head and (self.cycle is None or not self.cycle.more_body)

    def _await_head(self, within_s: float) -> None:
        self._in_head, self._head_left = True, self.bounds.head_bytes
        self._read_by = self.loop.time() + within_s

    def _make_room(self) -> bool:
        """Close the connection that has been idle longest, because a new connection is more likely to send a request."""
        waiting = [each for each in self.connections if isinstance(each, BoundedProtocol) and each.is_waiting]
        oldest = min(waiting, key=lambda each: each._read_by, default=None)
        if oldest is None:
            return False
        self.on_refusal("displaced")
        self.connections.discard(oldest)
        oldest.transport.abort()
        return True

    def _end_late(self) -> None:
        has_nothing = self._in_head and self._head_left == self.bounds.head_bytes
        if has_nothing or not (self._in_head or self._is_under_way):
            self.transport.close()
        else:
            self._refuse(RequestTimeout("sent_too_slowly", "The request was not sent in the time that it may take."))

    def _refuse(self, problem: Problem) -> None:
        """Respond, unless a response has begun, and then discard what the client sends for a while."""
        self.on_refusal(problem.name)
        self._refused, self._read_by = True, self.loop.time() + self.bounds.linger_s
        self._unset_keepalive_if_required()
        self.pipeline.clear()
        if self.transport.is_closing():
            return
        if self._is_under_way:
            can_answer = not self.cycle.response_started
            # The application, which waits for the rest of the body, learns that the caller has disconnected.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        else:
            can_answer = self._in_head
        if can_answer:
            self.transport.write(_refusal(problem, self.server_state.default_headers))
        if self.transport.can_write_eof():
            self.transport.write_eof()


def bounded(bounds: HttpLimits, on_refusal: Callable[[str], None]) -> type[BoundedProtocol]:
    """The protocol class of one server; `on_refusal` is called with the name of every refusal."""
    return type("BoundedProtocol", (BoundedProtocol,), {"bounds": bounds, "on_refusal": staticmethod(on_refusal)})


def _refusal(problem: Problem, default_headers: list[tuple[bytes, bytes]]) -> bytes:
    body = problem.document().model_dump_json(exclude_none=True, exclude={"errors"}).encode()
    headers = {
        "content-type": MEDIA_TYPE,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "connection": "close",
        **{name.lower(): value for name, value in problem.headers.items()},
    }
    lines = [STATUS_LINE[HTTPStatus(problem.status)], *(b"%s: %s\r\n" % each for each in default_headers)]
    lines += [f"{name}: {value}\r\n".encode("latin-1") for name, value in headers.items()]
    return b"".join([*lines, b"\r\n", body])
