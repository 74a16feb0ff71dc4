"""The openings that are live on a day, and the day on which each expires (MARKET.md section 3)."""

from collections.abc import Iterator
from datetime import date

from matching.domain.engine.calendar import Calendar
from matching.domain.market.subjects import MarketOpening


class LiveOpenings:
    """Keeps the live openings and drops those whose last day has passed."""

    def __init__(self) -> None:
        self._openings: dict[str, MarketOpening] = {}
        self._closing = Calendar()
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        self._free: list[int] = []

    def __iter__(self) -> Iterator[MarketOpening]:
        return iter(self._openings.values())

    def get(self, opening_id: str) -> MarketOpening | None:
        """The opening if it is live."""
        return self._openings.get(opening_id)

    def put(self, opening_id: str, opening: MarketOpening | None, day: date) -> MarketOpening | None:
        """Take the newest state of an opening, None when it has ended; returns what was live of it before."""
        old = self._openings.pop(opening_id, None)
        if old is not None and old.closes_on is not None:
            self._closing.drop(self._release(opening_id), old.closes_on.toordinal() + 1)
        if opening is not None and opening.live_on(day):
            self._openings[opening_id] = opening
            if opening.closes_on is not None:
                self._closing.put(self._number(opening_id), opening.closes_on.toordinal() + 1)
        return old

    def take_closed(self, day: date) -> list[str]:
        """Drop the openings whose last day was before `day`; returns their ids."""
        closed = [self._ids[number] for number in self._closing.take(day.toordinal())]
        for opening_id in closed:
            self._release(opening_id)
            del self._openings[opening_id]
        return closed

    def _number(self, opening_id: str) -> int:
        if not self._free:
            self._free.append(len(self._ids))
            self._ids.append("")
        number = self._numbers[opening_id] = self._free.pop()
        self._ids[number] = opening_id
        return number

    def _release(self, opening_id: str) -> int:
        number = self._numbers.pop(opening_id)
        self._ids[number] = ""
        self._free.append(number)
        return number
