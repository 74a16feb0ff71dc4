"""An HTTP server of a service process: it listens before it serves, is bounded, and stops when the process does."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from makersync.errors import OperatorError
from makersync.http.abandoned import Abandonment
from makersync.runtime.http_bounds import BACKLOG, HttpLimits
from makersync.runtime.http_protocol import BoundedProtocol, bounded

GRACE_S = 5
HELD_UP_S = 0.5


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and the setting that would change it."""

    host: str
    port: int
    setting: str


class _Server(uvicorn.Server):
    """The process has its own signal handlers."""

    @contextmanager
    def capture_signals(self) -> Any:
        yield


async def serve_http(
    application: ASGIApp, address: Address, bounds: HttpLimits, on_refusal: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Serve until `stop`, then let what is under way end. Raises OperatorError when the port cannot be had."""
    server = _Server(
        uvicorn.Config(
            Abandonment(application),
            http=bounded(bounds, on_refusal),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            # There is none; one that is cancelled would be logged with a traceback, messages and all.
            lifespan="off",
            timeout_keep_alive=round(bounds.idle_s),
            timeout_graceful_shutdown=GRACE_S,
            backlog=BACKLOG,
        )
    )
    with _listener(address) as listener:
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[listener]))
            sweeping = group.create_task(_sweep(server, bounds.sweep_s))
            await stop.wait()
            server.should_exit = True
            await serving
            sweeping.cancel()


async def _sweep(server: uvicorn.Server, every_s: float) -> None:
    """Deadlines are kept while the server stops, too: nobody's slowness holds it up."""
    loop = asyncio.get_running_loop()
    while True:
        slept_at = loop.time()
        await asyncio.sleep(every_s)
        now = loop.time()
        if now - slept_at > every_s + HELD_UP_S:
            # What came while the loop, or the process, was held up has not been read yet.
            continue
        for connection in list(server.server_state.connections):
            if isinstance(connection, BoundedProtocol):
                connection.expire(now)


def _listener(address: Address) -> socket.socket:
    """Opened here, because uvicorn ends the whole process on its own when it cannot."""
    host, port = address.host, address.port
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG)
    except OSError as error:
        raise OperatorError(
            f"Port {port} of {host} cannot be served: {error.strerror}. Another program may hold it: end that one, or set "
            f"{address.setting}."
        ) from error
