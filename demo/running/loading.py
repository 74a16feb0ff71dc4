"""Loads a demo market through the public HTTP APIs, several things at a time and none twice."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from demo.client.service_clients import ServiceClients
from demo.market.cast import Cast
from demo.market.drafts import LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket
from demo.running.submitting import Submitter
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

    def __init__(
        self, market: GeneratedMarket, clients: ServiceClients, submitter: Submitter, cast: Cast, loaded: Loaded
    ) -> None:
        self._market = market
        self._clients = clients
        self._submitter = submitter
        self._cast = cast
        self._loaded = loaded

    async def load(self) -> None:
        """Organisations first, for the rest is theirs. Raises Refused, DoorClosed, CatalogAbsent."""
        market, submitter = self._market, self._submitter
        async with asyncio.TaskGroup() as group:
            group.create_task(self._each("employers", market.employers(), submitter.admit))
            group.create_task(self._each("providers", market.providers(), submitter.bring_in))
            group.create_task(self._await_catalog())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._each("cohorts", market.cohorts(), submitter.plan))
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
        await self._submitter.publish(draft, keep=draft.key in self._cast.openings)

    async def _register(self, draft: LearnerDraft) -> None:
        self._cast.learners.add(draft.key, draft)
        await self._submitter.register(draft, keep=draft.key in self._cast.learners)

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
        client, operator = self._clients.openings, self._clients.operator_keys["openings"]
        return sum([1 for kind in ("credentials", "competencies") async for _ in client.pages(operator, f"/v1/catalog/{kind}")])
