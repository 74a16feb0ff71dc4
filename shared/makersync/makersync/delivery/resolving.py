"""Looks names up without anybody having to wait for a look-up that hangs, the end of the process least of all."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

#: Names that are looked up at a time. One that hangs keeps its place until the system gives it up.
_MOST_AT_ONCE = 32
LookUp = Callable[[str, int], Sequence[str]]


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system knows them. Blocks, and raises OSError, ValueError or OverflowError."""
    found = [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    return list(dict.fromkeys(found))


class Resolver:
    """The system's resolver, on threads of its own.

    A look-up cannot be interrupted, and the threads of an executor are waited for when a process ends. These are daemons.
    """

    def __init__(self, looks_up: LookUp = look_up) -> None:
        self._looks_up = looks_up
        self._places = asyncio.Semaphore(_MOST_AT_ONCE)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        await self._places.acquire()
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Sequence[str]] = loop.create_future()

        def hand_over(addresses: Sequence[str], error: Exception | None) -> None:
            self._places.release()
            if found.done():
                return
            if error is None:
                found.set_result(addresses)
            else:
                found.set_exception(error)

        def work() -> None:
            addresses, failure = self._tried(host, port)
            # The loop may have ended meanwhile, and then nobody waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(hand_over, addresses, failure)

        try:
            threading.Thread(target=work, name="webhook-name", daemon=True).start()
        except RuntimeError as error:
            self._places.release()
            raise OSError("no thread is left to look up a name") from error
        return await found

    def _tried(self, host: str, port: int) -> tuple[Sequence[str], Exception | None]:
        try:
            return self._looks_up(host, port), None
        except (OSError, ValueError, OverflowError) as error:
            return (), error
