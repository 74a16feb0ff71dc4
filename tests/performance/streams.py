"""Who listens to the feeds of employers while a bench runs, and when each entry came."""

import asyncio
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx

from makersync.clock import WallClock

#: Names a version of a match.
EntryKey = tuple[str, int]


class StreamListener:
    """One stream of server-sent events for each employer. Use as an async context: once it is entered, every stream has begun;
    at its end they are closed."""

    def __init__(self, url: str, tokens: Collection[str]) -> None:
        self._url, self._tokens = url, tokens
        self._clock = WallClock()
        self._arrivals: dict[EntryKey, datetime] = {}
        self._listening: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        limits = httpx.Limits(max_connections=len(self._tokens) + 1)
        self._client = httpx.AsyncClient(base_url=self._url, timeout=60.0, limits=limits, trust_env=False)
        begun = [asyncio.Event() for _ in self._tokens]
        self._listening = [
            asyncio.create_task(self._listen(token, event)) for token, event in zip(self._tokens, begun, strict=True)
        ]
        for event, listening in zip(begun, self._listening, strict=True):
            await _begun(event, listening)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listening in self._listening:
            listening.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        await self._client.aclose()

    @property
    def arrivals(self) -> Mapping[EntryKey, datetime]:
        """When the first entry of each match and version came."""
        for listening in self._listening:
            if listening.done():
                listening.result()
        return self._arrivals

    async def _listen(self, token: str, begun: asyncio.Event) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        position = (await self._client.get("/v1/feed/snapshot", params={"limit": 1}, headers=headers)).json()["position"]
        async with self._client.stream("GET", "/v1/feed/events", params={"after": position}, headers=headers) as answer:
            answer.raise_for_status()
            begun.set()
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    entry = json.loads(line.removeprefix("data: "))
                    self._arrivals.setdefault((entry["subject"], entry["data"]["version"]), self._clock.now())


async def _begun(event: asyncio.Event, listening: asyncio.Task[None]) -> None:
    """Raises whatever ended the stream before it had begun."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait((waiting, listening), return_when=asyncio.FIRST_COMPLETED)
    if not event.is_set():
        waiting.cancel()
        listening.result()
