"""Slows down whoever guesses tokens at addresses that need no API key."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import Annotated, Any

from fastapi import Depends, Request

from makersync.clock import Clock
from makersync.http.problems import TooManyRequests

#: Tokens that one address may miss within the window, which begins with the first miss.
MOST_MISSES, WINDOW_S = 20, 60.0
#: Addresses that are remembered; the one that missed longest ago is forgotten first.
MOST_ADDRESSES = 10_000
#: What the OpenAPI document says of routes with tokens of their own.
MISSES: dict[int | str, dict[str, Any]] = {
    410: {"$ref": "#/components/responses/Gone"},
    429: {"$ref": "#/components/responses/TooManyRequests"},
}


class MissLimit:
    """Counts tokens that were not known, by the peer's address, in this process, and answers too many of them with a refusal.

    A token that is known is never refused and counts nothing: many people may share an address, such as that of a proxy which
    this service was not told of. Tokens have 256 bits, so that guessing is hopeless anyhow; whoever tries is told to stop.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._misses: OrderedDict[str, tuple[float, int]] = OrderedDict()

    @contextmanager
    def counting(self, request: Request, miss: type[Exception]) -> Iterator[None]:
        """Count a miss if the block raises `miss`. Raises TooManyRequests instead of it after too many."""
        try:
            yield
        except miss as missed:
            who = _peer(request)
            began, before = self._of(who)
            if before >= MOST_MISSES:
                raise self._refusal(began) from missed
            self._count(who, began, before)
            raise

    def _refusal(self, began: float) -> TooManyRequests:
        wait = ceil(began + WINDOW_S - self._clock.monotonic())
        return TooManyRequests("tokens_missed", "Too many tokens from this address were not known; try again later.", wait)

    def _of(self, who: str) -> tuple[float, int]:
        now = self._clock.monotonic()
        began, missed = self._misses.get(who, (now, 0))
        return (now, 0) if now - began >= WINDOW_S else (began, missed)

    def _count(self, who: str, began: float, missed: int) -> None:
        self._misses[who] = began, missed + 1
        self._misses.move_to_end(who)
        if len(self._misses) > MOST_ADDRESSES:
            self._misses.popitem(last=False)


def miss_limit_of(request: Request) -> MissLimit:
    """One for all routes of the application."""
    limit = request.app.state.miss_limit
    assert isinstance(limit, MissLimit)
    return limit


LimitOfMisses = Annotated[MissLimit, Depends(miss_limit_of)]


def _peer(request: Request) -> str:
    return request.client.host if request.client is not None else ""
