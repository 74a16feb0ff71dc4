"""The HTTP server of a service process: it listens before it serves, and stops when the process does."""

import asyncio
import socket
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from makersync.errors import OperatorError

BACKLOG = 2048
GRACE_S = 5


class _Server(uvicorn.Server):
    """The process has its own signal handlers."""

    @contextmanager
    def capture_signals(self) -> Any:
        yield


async def serve_http(application: FastAPI, host: str, port: int, stop: asyncio.Event) -> None:
    """Serve until `stop`, then let what is under way end. Raises OperatorError when the port cannot be had."""
    server = _Server(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            # There is none; one that is cancelled would be logged with a traceback, messages and all.
            lifespan="off",
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    with _listener(host, port) as listener:
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listener]))
            await stop.wait()
            server.should_exit = True


def _listener(host: str, port: int) -> socket.socket:
    """Opened here, because uvicorn ends the whole process on its own when it cannot."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG)
    except OSError as error:
        raise OperatorError(
            f"Port {port} of {host} cannot be served: {error.strerror}. Another program may hold it: end that one, or set "
            "MAKERSYNC_HTTP_PORT."
        ) from error
