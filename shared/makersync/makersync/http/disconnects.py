"""Requests whose caller has disconnected: the server cancels them if they only read."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

#: Set in the scope of a request that the server has cancelled because its caller has disconnected.
ABANDONED = "makersync.abandoned"


class Abandonment:
    """ASGI middleware that treats the cancellation of such a request as its normal end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not scope.get(ABANDONED):
                raise
