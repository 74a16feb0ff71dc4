"""An application behind the real server on loopback, and clients that send it what no client should."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import uvloop
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from makersync.http.admission import Admission
from makersync.runtime.http_bounds import HttpLimits
from makersync.runtime.http_server import Address, serve_http
from tests.servers.finding import free_port
from tests.servers.waiting import wait_for

TIGHT = HttpLimits(
    connections=50,
    head_bytes=4096,
    headers=20,
    body_bytes=64 * 1024,
    head_s=0.4,
    body_s=0.6,
    idle_s=1.0,
    write_s=0.6,
    linger_s=0.3,
    sweep_s=0.05,
)


class Desk:
    """An application that reads bodies, can be blocked, and remembers how requests ended; with its server, in a thread on an
    event loop like that of the services."""

    def __init__(self) -> None:
        self.port, self.ends, self.refusals = free_port(), Counter[str](), Counter[str]()
        self.loop: asyncio.AbstractEventLoop
        self.go: asyncio.Event
        self.stop: asyncio.Event

    async def serve(self, bounds: HttpLimits, most: int) -> None:
        self.loop, self.go, self.stop = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self.go.set()
        address = Address("127.0.0.1", self.port, "MAKERSYNC_HTTP_PORT")
        await serve_http(Admission(self, most), address, bounds, self.count, self.stop)

    def count(self, reason: str) -> None:
        self.refusals[reason] += 1

    def do(self, step: Callable[[], object]) -> None:
        self.loop.call_soon_threadsafe(step)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await request.body()
            self.ends["begun"] += 1
            await self.go.wait()
        except ClientDisconnect:
            self.ends["disconnected"] += 1
            return
        except asyncio.CancelledError:
            self.ends["cancelled"] += 1
            raise
        self.ends["answered"] += 1
        answer: Response = PlainTextResponse(f"{request.method} {len(body)}")
        if request.url.path == "/large":
            answer = StreamingResponse("x" * 1_000_000 for _ in range(20))
        await answer(scope, receive, send)
        self.ends["over"] += 1

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self) -> str:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{self.port}/")).text


@asynccontextmanager
async def served(bounds: HttpLimits = TIGHT, most: int = 1000) -> AsyncIterator[Desk]:
    desk = Desk()
    serving = asyncio.create_task(asyncio.to_thread(uvloop.run, desk.serve(bounds, most)))
    await wait_for(lambda: _answers(desk))
    desk.ends.clear()
    try:
        yield desk
    finally:
        desk.do(desk.go.set)
        desk.do(desk.stop.set)
        await asyncio.wait_for(serving, 10)


async def _answers(desk: Desk) -> bool:
    try:
        return await desk.ask() == "GET 0"
    except httpx.HTTPError:
        return False


async def everything(reader: asyncio.StreamReader) -> bytes:
    """All that is received until the connection ends, however it ends."""
    answer = bytearray()
    try:
        while piece := await asyncio.wait_for(reader.read(65536), 10):
            answer += piece
    except ConnectionError:
        pass
    return bytes(answer)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def problem_in(answer: bytes) -> tuple[str, str]:
    """The name of the problem and its rule."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    document = json.loads(body)
    return str(document["type"]).rsplit(":", 1)[1], document["rule"]


async def send(desk: Desk, sent: bytes) -> bytes:
    reader, writer = await desk.connect()
    try:
        writer.write(sent)
        await writer.drain()
    except ConnectionError:
        pass
    answer = await everything(reader)
    writer.close()
    return answer


async def drip(desk: Desk, first: bytes, piece: bytes, every_s: float = 0.02) -> tuple[bytes, float]:
    """Send `first` and then `piece` repeatedly; returns what was received, and after how many seconds the connection ended."""
    reader, writer = await desk.connect()
    loop = asyncio.get_running_loop()
    begun = loop.time()

    async def dripping() -> None:
        writer.write(first)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every_s)

    task = asyncio.create_task(dripping())
    answer = await everything(reader)
    lasted = loop.time() - begun
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    writer.close()
    return answer, lasted
