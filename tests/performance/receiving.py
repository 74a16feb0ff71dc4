"""A receiver of webhooks that does nothing but answer 204: `python -m tests.performance.receiving PORT` runs one alone."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import uvloop

from makersync.clock import WallClock
from tests.performance.streams import EntryKey

HOST = "127.0.0.1"
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


@asynccontextmanager
async def answering(port: int, received: Callable[[bytes, bytes], None]) -> AsyncIterator[int]:
    """`received` gets the head and the body of each message. Connections stay open as long as the other side wants. Yields the
    port; 0 takes one that is free."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                received(head, await reader.readexactly(_length(head)))
                writer.write(ANSWER)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HOST, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _length(head: bytes) -> int:
    return int(header(head, b"content-length") or 0)


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header, by its name in lower case; empty when the message does not have it."""
    for line in head.split(b"\r\n"):
        found, _, value = line.partition(b":")
        if found.strip().lower() == name:
            return value.strip()
    return b""


@dataclass(slots=True)
class Receipts:
    """When the first message about each match and version came."""

    arrivals: dict[EntryKey, datetime] = field(default_factory=dict)
    _clock: WallClock = field(default_factory=WallClock)

    def note(self, _head: bytes, body: bytes) -> None:
        arrived_at, entry = self._clock.now(), json.loads(body)["data"]
        self.arrivals.setdefault((entry["subject"], entry["state"]["version"]), arrived_at)


async def _serve(port: int) -> None:
    async with answering(port, lambda _head, _body: None):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
