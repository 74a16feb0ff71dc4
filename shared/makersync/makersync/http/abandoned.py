"""Requests whose caller has left: the server gives up what only reads."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

#: In the scope of a request that the server has cancelled because its caller is gone.
ABANDONED = "makersync.abandoned"


class Abandonment:
    """ASGI middleware: a cancelled request of a caller who has left is over, and nothing has failed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not scope.get(ABANDONED):
                raise
