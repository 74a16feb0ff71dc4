"""How each live opening looks to one kind of learner: one byte per opening, kept by kind and brought up to date on demand.

A kind is a value that many learners share: a set of skills, a place with a reach, a wage floor. A learner's standing with all
openings is the product of the rows of its kinds.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import numpy as np

from matching.domain.engine.arrays import Array, Bytes, Slots
from matching.domain.engine.opening_table import OpeningTable

KindT = TypeVar("KindT", bound=Hashable)
FEWEST_ROWS = 16


class Rows(Generic[KindT]):
    """`judge` gives the bytes of a kind for the openings in some slots: 0 where a gate fails and for a closed opening."""

    def __init__(self, table: OpeningTable, judge: Callable[[KindT, Slots], Array]) -> None:
        self._table = table
        self._judge = judge
        self._rows: dict[KindT, tuple[Bytes, int]] = {}

    def row(self, kind: KindT, most_bytes: int) -> Bytes:
        """The row of a kind; the rows kept take `most_bytes` together, or are a few."""
        known, log = self._rows.get(kind), self._table.log
        if known is not None and known[1] == len(log) and known[0].shape[0] == self._table.room:
            return known[0]
        row = self._new(kind) if known is None else self._renewed(kind, *known)
        if known is None and len(self._rows) >= max(FEWEST_ROWS, most_bytes // max(1, self._table.room)):
            del self._rows[next(iter(self._rows))]
        self._rows[kind] = (row, len(log))
        return row

    def forget(self) -> None:
        """Forget the rows."""
        self._rows.clear()

    def _new(self, kind: KindT) -> Bytes:
        row: Bytes = np.zeros(self._table.room, np.uint8)
        used = len(self._table.openings)
        row[:used] = self._judge(kind, slice(0, used))
        return row

    def _renewed(self, kind: KindT, row: Bytes, upto: int) -> Bytes:
        behind = self._table.log[upto:]
        if row.shape[0] != self._table.room or len(behind) > row.shape[0] // 2:
            return self._new(kind)
        slots = np.array(sorted(set(behind)))
        row[slots] = self._judge(kind, slots)
        return row
