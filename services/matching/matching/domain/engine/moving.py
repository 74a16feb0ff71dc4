"""Learners who have changed: brings counts, bitmaps, the people of cells and shortlist buffers up to date, many at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from matching.domain.engine.arrays import Bytes, Ints, places
from matching.domain.engine.blocking import Blocking
from matching.domain.engine.learner_index import LearnerIndex
from matching.domain.engine.learner_side import QUALIFIED, LearnerSide
from matching.domain.engine.learner_table import LearnerTable, Trait, Traits
from matching.domain.engine.opening_table import OpeningTable
from matching.domain.engine.people_count import PeopleCount
from matching.domain.engine.shortlist_buffers import ShortlistBuffers, order_keys
from matching.domain.market.policy import Policy
from matching.domain.rules.scoring import FULL

MOVES_AT_ONCE = 32
NOBODY = Traits(*[0] * len(Trait))
Stayed = tuple[int, str]
"""An opening slot and the id of a learner who keeps the place in its buffer."""


class Move(NamedTuple):
    """A learner slot with what is compared before and after; `old` None of one who came, `new` None of one who goes."""

    slot: int
    old: Traits | None
    new: Traits | None


class Moving:
    """Works on the tables and indexes of one region, which its engine shares with it."""

    def __init__(
        self,
        learners: LearnerTable,
        openings: OpeningTable,
        index: LearnerIndex,
        side: LearnerSide,
        people: PeopleCount,
        blocking: Blocking,
    ) -> None:
        self._learners, self._openings, self._index = learners, openings, index
        self._side, self._people, self._blocking = side, people, blocking

    def move(self, moves: Sequence[Move], buffers: ShortlistBuffers, policy: Policy) -> list[Stayed]:
        """Take learners who changed, came or went; returns in which buffers one of them kept the place."""
        moving = [move for move in moves if not _is_still(move)]
        stayed = [place for move in moves if _is_still(move) for place in self._places_of(move, buffers)]
        for start in range(0, len(moving), MOVES_AT_ONCE):
            stayed += self._move_some(moving[start : start + MOVES_AT_ONCE], buffers, policy)
        return stayed

    def _places_of(self, move: Move, buffers: ShortlistBuffers) -> list[Stayed]:
        """The buffers with a learner whose traits are unchanged; what the matches state may have changed all the same."""
        if move.new is None or not move.new.participates or not buffers.is_in_any(move.slot):
            return []
        [standings] = self._side.standings([move.new])
        on = buffers.with_person(move.slot, np.flatnonzero(standings == QUALIFIED))
        return [(opening, self._learners.ids[move.slot]) for opening in on]

    def _move_some(self, moves: Sequence[Move], buffers: ShortlistBuffers, policy: Policy) -> list[Stayed]:
        before = self._side.standings([move.old for move in moves])
        after = self._side.standings([move.new for move in moves])
        for move in moves:
            self._index.move(*move)
            self._people.move(move.old, move.new)
        self._count(before, after)
        wanted = self._wanted(moves, after, buffers.bar, policy)
        placed = zip(moves, before, wanted, strict=True)
        return [stayed for move, row, keys in placed for stayed in self._place(move.slot, row, keys, buffers)]

    def _count(self, before: Bytes, after: Bytes) -> None:
        """Update each opening's counts. `before` and `after` have one row of standings for each learner."""
        counts = self._openings.counts
        rows, slots = places(before != after)
        came, went = (each[rows, slots] * np.intp(counts.shape[1]) + slots for each in (after, before))
        difference = np.bincount(came, minlength=counts.size) - np.bincount(went, minlength=counts.size)
        counts += difference.reshape(counts.shape)
        self._blocking.touch(slots)

    def _wanted(self, moves: Sequence[Move], standings: Bytes, bar: Ints, policy: Policy) -> list[dict[int, int]]:
        """By learner and opening, the order keys of those who qualify and come before the bar of the opening's buffer."""
        wanted: list[dict[int, int]] = [{} for _ in moves]
        rows, openings = places(standings == QUALIFIED)
        if not rows.size:
            return wanted
        people = [move.new or NOBODY for move in moves]
        since = np.array([traits.since for traits in people])[rows]
        # A key is at least that of a full score, which is `since` alone: who is behind the bar even with that needs no score.
        some = bar[openings] >= since
        rows, openings, since = rows[some], openings[some], since[some]
        keys = order_keys(self._side.scores(people, rows, openings, policy), since, FULL)
        ahead = keys <= bar[openings]
        for row, opening, key in zip(rows[ahead].tolist(), openings[ahead].tolist(), keys[ahead].tolist(), strict=True):
            wanted[row][opening] = key
        return wanted

    def _place(self, slot: int, before: Bytes, wanted: dict[int, int], buffers: ShortlistBuffers) -> list[Stayed]:
        """Move the learner to the buffers where the learner is among the best; returns where the place is the same."""
        stayed: list[Stayed] = []
        if buffers.is_in_any(slot):
            for opening in buffers.with_person(slot, np.flatnonzero(before == QUALIFIED)):
                if wanted.get(opening) == buffers.key(opening, slot):
                    del wanted[opening]
                    stayed.append((opening, self._learners.ids[slot]))
                else:
                    buffers.leave(opening, slot)
        for opening, key in wanted.items():
            buffers.enter(opening, slot, key)
        return stayed


def _is_still(move: Move) -> bool:
    """Whether the learner's traits are unchanged, `DUE` aside."""
    return move.old is not None and move.new is not None and move.old[: Trait.DUE] == move.new[: Trait.DUE]
