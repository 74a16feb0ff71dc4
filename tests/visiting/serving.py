"""A service that answers at an address, for browsers."""

import asyncio
from collections.abc import AsyncIterator

import httpx
from fastapi import FastAPI

from makersync.runtime.http_bounds import HttpLimits
from makersync.runtime.http_server import Address, serve_http
from makersync.runtime.service import Context
from tests.servers.finding import free_port
from tests.servers.waiting import wait_for


async def served(app: FastAPI, context: Context) -> AsyncIterator[str]:
    """The address at which the service answers."""
    port = free_port()
    where = Address("127.0.0.1", port, "MAKERSYNC_HTTP_PORT")
    serving = asyncio.create_task(serve_http(app, where, HttpLimits(), lambda _: None, context.stopping))

    async def answers() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                return (await http.get(f"http://127.0.0.1:{port}/healthz")).is_success
        except httpx.TransportError:
            return False

    try:
        await wait_for(answers)
        yield f"http://127.0.0.1:{port}"
    finally:
        context.stopping.set()
        async with asyncio.timeout(10):
            await serving
