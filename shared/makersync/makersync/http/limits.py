"""The largest request body, whether its length is declared or it is streamed."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from makersync.http.problems import BodyTooLarge


class BodyLimit:
    """ASGI middleware: a body of more than `largest` bytes is answered with a 413 problem and is not read to its end."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._is_declared_too_large(scope):
            await BodyTooLarge("body_too_large", self._detail).response()(scope, receive, send)
        else:
            await self._app(scope, self._counted(receive), send)

    @property
    def _detail(self) -> str:
        return f"A body may have at most {self._largest} bytes."

    def _is_declared_too_large(self, scope: Scope) -> bool:
        declared = Headers(scope=scope).get("content-length", "")
        return declared.isascii() and declared.isdigit() and int(declared[:20]) > self._largest

    def _counted(self, receive: Receive) -> Receive:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._largest:
                # The only error that FastAPI passes on while it reads a body; the handlers turn it into BodyTooLarge.
                raise HTTPException(BodyTooLarge.status, self._detail)
            return message

        return counted
