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
    """One stream of server-sent events for each employer. Use as an async context; at its end the streams are closed."""

    def __init__(self, url: str, tokens: Collection[str]) -> None:
        self._url, self._tokens = url, tokens
        self._clock = WallClock()
        self._arrivals: dict[EntryKey, datetime] = {}
        self._listening: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        limits = httpx.Limits(max_connections=len(self._tokens) + 1)
        self._client = httpx.AsyncClient(base_url=self._url, timeout=60.0, limits=limits, trust_env=False)
        self._listening = [asyncio.create_task(self._listen(token)) for token in self._tokens]
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

    async def _listen(self, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        position = (await self._client.get("/v1/feed/snapshot", params={"limit": 1}, headers=headers)).json()["position"]
        async with self._client.stream("GET", "/v1/feed/events", params={"after": position}, headers=headers) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    entry = json.loads(line.removeprefix("data: "))
                    self._arrivals.setdefault((entry["subject"], entry["data"]["version"]), self._clock.now())
