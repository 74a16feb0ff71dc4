"""Whoever follows the feed of an organisation, from its snapshot on, and keeps what it says."""

import asyncio
from typing import Any

import httpx

from tests.faults.reference import Matches
from tests.faults.stubborn import ANSWER_S, Caller, Refused

#: Entries after which nothing is true of their subject.
ENDS = frozenset({"match.withdrawn", "pathways.ended"})


class Follower:
    """Keeps the state of each subject as the feed says it. `faults` names what no feed may do."""

    def __init__(self, reader: Caller) -> None:
        self.reader = reader
        self._position = -1
        self.state: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []
        self.entries = self.beginnings = 0

    async def follow(self, stop: asyncio.Event) -> None:
        """Read until `stop` is set."""
        while not stop.is_set():
            await self._read(wait=int(ANSWER_S / 2))

    async def catch_up(self) -> None:
        """Read what is left, until nothing comes for a moment."""
        while await self._read(wait=1):
            continue

    def matches(self) -> Matches:
        """For an employer: as `reference.shown`, without the ranks, which no entry says."""
        matches = (each for each in self.state.values() if "learner_id" in each)
        return {(each["opening_id"], each["learner_id"]): _match(each) for each in matches}

    async def _read(self, wait: int) -> int:
        """Returns how many entries came. A position that is not kept means that the service's database was restored."""
        if self._position < 0:
            await self._begin()
        try:
            page = await self.reader.get("/v1/feed", after=self._position, wait=wait)
        except Refused as refusal:
            if refusal.status != httpx.codes.GONE:
                raise
            self._position = -1
            return 1
        for entry in page["entries"]:
            self._take(entry)
        return len(page["entries"])

    async def _begin(self) -> None:
        self.state.clear()
        self.beginnings += 1
        page = await self.reader.get("/v1/feed/snapshot")
        position = page["position"]
        while True:
            self.state |= {item["subject"]: item["data"] for item in page["items"]}
            if page["next_cursor"] is None:
                break
            page = await self.reader.get("/v1/feed/snapshot", cursor=page["next_cursor"])
        self._position = position

    def _take(self, entry: dict[str, Any]) -> None:
        if entry["position"] != self._position + 1:
            self.faults.append(f"position {entry['position']} after {self._position}, which {self.beginnings} snapshots began")
        self._position = entry["position"]
        self.entries += 1
        self.state.pop(entry["subject"], None)
        if entry["type"] not in ENDS and entry["data"] is not None:
            self.state[entry["subject"]] = entry["data"]


def _match(said: dict[str, Any]) -> dict[str, Any]:
    parts = said["components"]
    return {
        "score": said["score"],
        "components": (parts.get("preferred"), parts.get("trainable"), parts.get("evidence")),
        "seeking_since": said.get("seeking_since"),
        "groups": [(g["id"], g["met"], g.get("evidence"), list(g["awards"])) for g in said["groups"]],
    }


def without_ranks(matches: Matches) -> Matches:
    return {pair: {name: value for name, value in match.items() if name != "rank"} for pair, match in matches.items()}
