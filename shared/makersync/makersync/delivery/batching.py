"""Work that costs hardly more for many than for one: what comes while it is being done is done together next (group commit)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from makersync.errors import RetryLater

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Place(Generic[Item, Result]):
    item: Item
    result: asyncio.Future[Result]


class Batching(Generic[Item, Result]):
    """`work` is given items in the order in which they came, at most `most`, and returns a result for each. It is not begun
    until `moment_s` seconds have passed, in which more may come. If it fails for several, each of them is tried alone, so that
    nobody suffers for another's item; if it raises RetryLater, all of them are told.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], most: int, moment_s: float = 0.0) -> None:
        self._work, self._most, self._moment_s = work, most, moment_s
        self._waiting: list[_Place[Item, Result]] = []
        self._turn = asyncio.Lock()

    async def result_of(self, item: Item) -> Result:
        """Whoever comes first works for all who wait. Raises what `work` raises."""
        place: _Place[Item, Result] = _Place(item, asyncio.get_running_loop().create_future())
        self._waiting.append(place)
        async with self._turn:
            while not place.result.done():
                await asyncio.sleep(self._moment_s)
                await self._work_on_some()
        return await place.result

    async def _work_on_some(self) -> None:
        places, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            await self._work_on(places)
        finally:
            # When this task is cancelled, the others are not.
            self._waiting[:0] = [place for place in places if not place.result.done()]

    async def _work_on(self, places: Sequence[_Place[Item, Result]]) -> None:
        try:
            results = await self._work([place.item for place in places])
        except RetryLater as error:
            _fail(places, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the item is to blame until it has failed alone
            if len(places) == 1:
                _fail(places, error)
                return
            for place in places:
                await self._work_on([place])
        else:
            for place, result in zip(places, results, strict=True):
                place.result.set_result(result)


def _fail(places: Sequence[_Place[Item, Result]], error: Exception) -> None:
    for place in places:
        place.result.set_exception(error)
        # Whoever waited for it may be gone, and then nobody is to be told that nobody was told.
        place.result.exception()
