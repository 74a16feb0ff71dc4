"""Drafts that wait for their counts, and which of them are answered with a batch."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from makersync.envelope import Envelope
from matching.domain.market.subjects import MarketOpening

DRAFT_STEPS = 10_000_000
"""Drafts are answered with one batch until they took so many steps (`RegionMarket.count_steps`), which is about 0.1 s; the next
batch of matches waits no longer for them, but for the one draft that takes more alone."""


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """A draft that waits for its answer, taken as an opening; `opening` is None when it has ended."""

    region: str
    draft_id: str
    version: int
    employer_id: str
    opening: MarketOpening | None
    cause: Envelope | None = None


class DraftTurns:
    """Employers take turns, within a batch and from one batch to the next."""

    def __init__(self) -> None:
        self._turn = 0
        self._last: dict[str, int] = {}

    def first(self, waiting: Sequence[WaitingDraft], steps: Callable[[WaitingDraft], int]) -> list[WaitingDraft]:
        """As many as may be answered with one batch, one of them at least. `steps` says what each takes."""
        first: list[WaitingDraft] = []
        left = DRAFT_STEPS
        for draft in self._in_turn(waiting):
            left -= steps(draft)
            if first and left < 0:
                break
            first.append(draft)
            self._turn += 1
            self._last[draft.employer_id] = self._turn
        return first

    def _in_turn(self, waiting: Sequence[WaitingDraft]) -> list[WaitingDraft]:
        """The first of each employer before the second of any, and who was answered longest ago before the others."""
        self._last = {draft.employer_id: self._last.get(draft.employer_id, 0) for draft in waiting}
        places: Counter[str] = Counter()
        turns = []
        for draft in waiting:
            turns.append((places[draft.employer_id], self._last[draft.employer_id], draft))
            places[draft.employer_id] += 1
        return [draft for *_, draft in sorted(turns, key=lambda each: each[:2])]
