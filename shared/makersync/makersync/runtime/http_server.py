"""An HTTP server of a service process: it opens its port before it serves, is limited, and stops with the process."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from makersync.errors import OperatorError
from makersync.http.disconnects import Abandonment
from makersync.runtime.http_bounds import BACKLOG, HttpLimits
from makersync.runtime.http_protocol import BoundedProtocol, bounded
from makersync.waiting import pause

GRACE_S = 5
HELD_UP_S = 0.5
TICK_S = 0.5


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and the name of the setting that changes it."""

    host: str
    port: int
    setting: str


class _Server(uvicorn.Server):
    """Leaves the signal handlers to the process, and wakes less often than uvicorn's ten times a second."""

    def __init__(self, config: uvicorn.Config, stop: asyncio.Event) -> None:
        super().__init__(config)
        self._stop = stop

    async def main_loop(self) -> None:
        # Every tick is uvicorn's first, which refreshes the Date header.
        while not await self.on_tick(0):
            await pause(self._stop, TICK_S)
            self.should_exit = self.should_exit or self._stop.is_set()

    @contextmanager
    def capture_signals(self) -> Any:
        yield


async def serve_http(
    application: ASGIApp, address: Address, bounds: HttpLimits, on_refusal: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Serve until `stop` is set, then let requests in progress finish. Raises OperatorError if the port cannot be opened."""
    server = _Server(
        uvicorn.Config(
            Abandonment(application),
            http=bounded(bounds, on_refusal),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            # The application has no lifespan handler; a cancelled one would be logged with a traceback that contains messages.
            lifespan="off",
            timeout_keep_alive=round(bounds.idle_s),
            timeout_graceful_shutdown=GRACE_S,
            backlog=BACKLOG,
        ),
        stop,
    )
    with _listener(address) as listener:
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[listener]))
            sweeping = group.create_task(_sweep(server, bounds.sweep_s))
            await serving
            sweeping.cancel()


async def _sweep(server: uvicorn.Server, every_s: float) -> None:
    """Deadlines also apply during shutdown, so that no slow client delays it."""
    loop = asyncio.get_running_loop()
    while True:
        slept_at = loop.time()
        await asyncio.sleep(every_s)
        now = loop.time()
        if now - slept_at > every_s + HELD_UP_S:
            # Data that arrived while the event loop or the process was blocked has not been read yet.
            continue
        for connection in list(server.server_state.connections):
            if isinstance(connection, BoundedProtocol):
                connection.expire(now)


def _listener(address: Address) -> socket.socket:
    """Opened here, because uvicorn would end the whole process if it could not open the port."""
    host, port = address.host, address.port
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG)
    except OSError as error:
        raise OperatorError(
            f"Port {port} of {host} cannot be served: {error.strerror}. Another program may hold it: end that one, or set "
            f"{address.setting}."
        ) from error
