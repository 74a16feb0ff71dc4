"""Loads a demo market through the public HTTP APIs, several things at a time and none twice."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from demo.market.cast import Cast
from demo.market.drafts import LearnerDraft, OpeningDraft
from demo.market.whole import DemoMarket
from demo.running.clerk import Clerk
from demo.running.front_doors import FrontDoors
from makersync.errors import OperatorError

Thing = TypeVar("Thing")
#: Called with what was loaded, each time one more is.
Loaded = Callable[[str], None]

WORKERS = 6
_CATALOG_S = 60.0
_POLL_S = 0.2


class CatalogAbsent(OperatorError):
    """The catalog did not reach the openings service in time."""


class Loader:
    """Loads once. Memory does not grow with the market beyond the cast and the organisations' keys."""

    def __init__(self, market: DemoMarket, doors: FrontDoors, clerk: Clerk, cast: Cast, loaded: Loaded) -> None:
        self._market = market
        self._doors = doors
        self._clerk = clerk
        self._cast = cast
        self._loaded = loaded

    async def load(self) -> None:
        """Organisations first, for the rest is theirs. Raises Refused, DoorClosed, CatalogAbsent."""
        market, clerk = self._market, self._clerk
        async with asyncio.TaskGroup() as group:
            group.create_task(self._each("employers", market.employers(), clerk.admit))
            group.create_task(self._each("providers", market.providers(), clerk.bring_in))
            group.create_task(self._await_catalog())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._each("cohorts", market.cohorts(), clerk.plan))
            group.create_task(self._each("openings", market.openings(), self._publish))
            group.create_task(self._each("learners", market.learners(), self._register))

    async def _each(self, kind: str, things: Iterable[Thing], load: Callable[[Thing], Awaitable[object]]) -> None:
        waiting = iter(things)

        async def work() -> None:
            for thing in waiting:
                await load(thing)
                self._loaded(kind)

        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(work())

    async def _publish(self, draft: OpeningDraft) -> None:
        self._cast.openings.add(draft.key, draft)
        await self._clerk.publish(draft, keep=draft.key in self._cast.openings)

    async def _register(self, draft: LearnerDraft) -> None:
        self._cast.learners.add(draft.key, draft)
        await self._clerk.register(draft, keep=draft.key in self._cast.learners)

    async def _await_catalog(self) -> None:
        """An employer can ask only for what the openings service has heard of."""
        expected = len(self._market.atlas.credentials) + len(self._market.atlas.catalog["competencies"])
        try:
            async with asyncio.timeout(_CATALOG_S):
                while await self._known_definitions() < expected:  # noqa: ASYNC110 - another process's state has no event
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise CatalogAbsent(f"The catalog did not reach the openings service within {_CATALOG_S:g} s.") from None

    async def _known_definitions(self) -> int:
        door, operator = self._doors.openings, self._doors.operator_keys["openings"]
        return sum([1 for kind in ("credentials", "competencies") async for _ in door.pages(operator, f"/v1/catalog/{kind}")])
