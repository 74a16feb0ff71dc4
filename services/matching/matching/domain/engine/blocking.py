"""How many positions stay open for want of each subject (MARKET.md section 12: blocked)."""

from collections.abc import Mapping

import numpy as np

from matching.domain.cells.counts import CellCounts
from matching.domain.cells.measuring import blocked_of
from matching.domain.engine.arrays import Array, grown, widened
from matching.domain.engine.learner_side import LACKS, QUALIFIED
from matching.domain.engine.opening_table import OpeningTable


class Blocking:
    """Looks only at openings whose counts moved, and recounts only those where the answer can differ."""

    def __init__(self, counts: CellCounts, openings: OpeningTable) -> None:
        self._counts = counts
        self._openings = openings
        self._touched = np.zeros(0, np.bool_)
        self._basis = np.zeros((1, 0), np.int64)
        self._blocked: dict[int, Mapping[str, int]] = {}

    def touch(self, slots: Array) -> None:
        """Note that the counts of these openings changed."""
        if self._touched.shape[0] < self._openings.room:
            self._touched = grown(self._touched, self._openings.room)
        self._touched[slots] = True

    def drop(self, slot: int) -> None:
        """An opening no longer blocks anything."""
        self._counts.replace_blocked(self._blocked.pop(slot, {}), {})
        if slot < self._basis.shape[1]:
            self._basis[:, slot] = 0

    def recount(self) -> None:
        """Bring what is blocked in each cell up to date."""
        openings = self._openings
        slots = np.flatnonzero(self._touched)
        self._touched[slots] = False
        slots = slots[openings.live[slots] == 1]
        self._basis = widened(grown(self._basis, openings.room), openings.counts.shape[0] - 1)
        lacking = np.maximum(openings.remaining[slots] - openings.counts[QUALIFIED, slots], 0)
        # Near misses count up to the number of positions that are lacking: more of them change no result.
        basis = np.vstack((lacking, np.minimum(openings.counts[LACKS:, slots], lacking)))
        changed = (basis != self._basis[:, slots]).any(axis=0)
        self._basis[:, slots] = basis
        for slot in slots[changed].tolist():
            self._count(slot)

    def _count(self, slot: int) -> None:
        openings, asked = self._openings, self._openings.asked[slot]
        near = openings.counts[LACKS : LACKS + len(asked.required), slot].tolist()
        after = blocked_of(openings.opening(slot), asked, int(openings.counts[QUALIFIED, slot]), near)
        self._counts.replace_blocked(self._blocked.pop(slot, {}), after)
        if after:
            self._blocked[slot] = after
