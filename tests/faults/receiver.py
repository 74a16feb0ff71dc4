"""Whoever has all of an organisation's feed sent to a webhook, and notes what came."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from tests.faults.stubborn import Caller
from tests.performance.receiving import HOST, answering, header
from tests.servers.waiting import wait_for

#: A message whose sender was killed is sent again once the claim has run out, and one that failed at first after seconds.
CAUGHT_UP_S = 600.0


class Receiver:
    """What was received of one feed, from its beginning."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._ids: dict[int, set[bytes]] = defaultdict(set)
        self._subjects: dict[int, str] = {}
        #: Positions in the order in which they first came.
        self._first: list[int] = []
        self.messages = 0

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator[None]:
        """Registers the webhook, and answers while the context is open."""
        async with answering(0, self._note) as port:
            await self._caller.create("/v1/webhooks", {"url": f"http://{HOST}:{port}/hooks", "after": 0})
            yield

    async def catch_up(self) -> None:
        """Until all that the feed holds has come. Raises TimeoutError."""
        newest = (await self._caller.get("/v1/feed/snapshot", limit=1))["position"]
        await wait_for(lambda: self._has_all(newest), CAUGHT_UP_S)

    def faults(self) -> Iterator[str]:
        """What no delivery may do. Positions without a message would not have let `catch_up` return."""
        for position, ids in self._ids.items():
            if len(ids) != 1:
                yield f"position {position} came with the ids {sorted(ids)}"
        last: dict[str, int] = {}
        for position in self._first:
            subject = self._subjects[position]
            if position < last.get(subject, 0):
                yield f"position {position} about {subject} came after {last[subject]}"
            last[subject] = position

    async def _has_all(self, newest: int) -> bool:
        return len(self._first) >= newest and set(range(1, newest + 1)) <= self._ids.keys()

    def _note(self, head: bytes, body: bytes) -> None:
        self.messages += 1
        data = json.loads(body)["data"]
        position = data["position"]
        if position not in self._ids:
            self._first.append(position)
            self._subjects[position] = data["subject"]
        self._ids[position].add(header(head, b"webhook-id"))
