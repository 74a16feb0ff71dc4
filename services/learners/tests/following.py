"""What a provider does with its feed: it reads the snapshot in pages, then follows the entries."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from .conftest import Caller
from .samples import accepted

ENDS = ("match.withdrawn", "pathways.ended")
State = dict[str, dict[str, Any]]


async def entries_of(caller: Caller, after: int = 0, **parameters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = accepted(await caller.get("/v1/feed", after=after, limit=1000, **parameters))["entries"]
    return found


async def types_of(caller: Caller, after: int = 0) -> list[str]:
    return [entry["type"] for entry in await entries_of(caller, after)]


@dataclass
class Follower:
    """Keeps what is true by the snapshot and by what followed it."""

    caller: Caller
    state: State = field(default_factory=dict)
    position: int = 0
    cursor: str | None = None

    async def begin(self, limit: int) -> None:
        """Read the first page."""
        self.position = self._take_page(await self._page(limit))

    async def read_on(self, limit: int) -> None:
        """Read the pages that are left."""
        while self.cursor is not None:
            assert self._take_page(await self._page(limit, cursor=self.cursor)) == self.position

    async def follow(self) -> None:
        for entry in await entries_of(self.caller, self.position):
            assert entry["position"] == self.position + 1
            self.position = entry["position"]
            self.state.pop(entry["subject"], None)
            if entry["type"] not in ENDS and entry["data"] is not None:
                self.state[entry["subject"]] = entry["data"]

    async def _page(self, limit: int, **cursor: str) -> httpx.Response:
        return await self.caller.get("/v1/feed/snapshot", limit=limit, **cursor)

    def _take_page(self, answer: httpx.Response) -> int:
        page = accepted(answer)
        self.state |= {item["subject"]: item["data"] for item in page["items"]}
        self.cursor = page["next_cursor"]
        return int(page["position"])


async def snapshot_of(caller: Caller, limit: int = 200) -> State:
    follower = Follower(caller)
    await follower.begin(limit)
    await follower.read_on(limit)
    return follower.state
