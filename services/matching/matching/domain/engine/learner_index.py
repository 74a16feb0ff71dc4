"""Bitmaps of learners: who holds a subject, and whom a gate of an opening keeps out (MARKET.md sections 5 and 6).

Each bitmap is made from the columns when an opening first asks for it, and then kept up to date with every learner. It holds no
slot that is free: what the columns have there would be taken for the next learner's.
"""

from collections.abc import Callable

import numpy as np
from pyroaring import BitMap

from matching.domain.engine.arrays import Array, Flags
from matching.domain.engine.coverage import Coverage
from matching.domain.engine.learner_table import LearnerTable, Trait, Traits
from matching.domain.engine.opening_table import ANY_DAY, ANY_PAY, Form, OpeningTable
from matching.domain.engine.skills import SkillSets
from reference.places import Places

NOTHING: frozenset[str] = frozenset()
MOST_BITMAPS = 1024
"""Of each kind; when there are more, all of them are dropped and made again."""


class SubjectBitmaps:
    """Who holds each subject. `holders` gives it for all learners at once."""

    def __init__(self, holders: Callable[[str], Flags]) -> None:
        self._holders = holders
        self._bitmaps: dict[str, BitMap] = {}

    def of(self, subject: str) -> BitMap:
        """The slots of those who hold it; not to be changed."""
        bitmap = self._bitmaps.get(subject)
        if bitmap is None:
            if len(self._bitmaps) >= MOST_BITMAPS:
                self._bitmaps.clear()
            bitmap = self._bitmaps[subject] = _bitmap(self._holders(subject))
        return bitmap

    def move(self, slot: int, old: frozenset[str], new: frozenset[str]) -> None:
        """A learner holds `new` instead of `old`."""
        for subject in old - new:
            if (bitmap := self._bitmaps.get(subject)) is not None:
                bitmap.discard(slot)
        for subject in new - old:
            if (bitmap := self._bitmaps.get(subject)) is not None:
                bitmap.add(slot)

    def forget(self) -> None:
        """Drop them; each is made again when it is asked for."""
        self._bitmaps.clear()


class GateBitmaps:
    """Who belongs to each value of a gate. `everybody` gives the learners of one value, `belongs` the values of one learner."""

    def __init__(self, everybody: Callable[[int], Flags], belongs: Callable[[Array, Traits], Flags]) -> None:
        self._everybody = everybody
        self._belongs = belongs
        self._bitmaps: dict[int, BitMap] = {}
        self._values = np.zeros(0, np.int64)
        self._in_order: list[BitMap] = []

    def of(self, value: int) -> BitMap:
        """The slots that belong to `value`; not to be changed."""
        bitmap = self._bitmaps.get(value)
        if bitmap is None:
            if len(self._bitmaps) >= MOST_BITMAPS:
                self._bitmaps.clear()
            bitmap = self._bitmaps[value] = _bitmap(self._everybody(value))
            self._in_order = [*self._bitmaps.values()]
            self._values = np.fromiter(self._bitmaps, np.int64)
        return bitmap

    def move(self, slot: int, old: Traits | None, new: Traits | None) -> None:
        """A learner changed, came (`old` None) or went (`new` None)."""
        before, after = self._flags(old), self._flags(new)
        for place in np.flatnonzero(before != after).tolist():
            if after[place]:
                self._in_order[place].add(slot)
            else:
                self._in_order[place].discard(slot)

    def forget(self) -> None:
        """Drop them; each is made again when it is asked for."""
        self._bitmaps.clear()
        self._in_order, self._values = [], self._values[:0]

    def _flags(self, traits: Traits | None) -> Flags:
        return np.zeros(self._values.shape, np.bool_) if traits is None else self._belongs(self._values, traits)


class LearnerIndex:
    """All bitmaps of a region's learners. Learners who do not participate keep their bits, because most take part again."""

    def __init__(self, learners: LearnerTable, openings: OpeningTable, skills: SkillSets, places: Places) -> None:
        self._openings, self._skills = openings, skills
        self.coverage = coverage = Coverage(places, learners.places, openings.points)
        column, in_use = learners.column, learners.in_use
        self._held = SubjectBitmaps(lambda subject: in_use() & skills.holders(subject)[column(Trait.HELD)])
        self._verified = SubjectBitmaps(lambda subject: in_use() & skills.holders(subject)[column(Trait.VERIFIED)])
        self._participants = GateBitmaps(
            lambda wanted: in_use() & (column(Trait.PARTICIPATES) == wanted), lambda wanted, one: wanted == one.participates
        )
        self._near = GateBitmaps(
            lambda point: in_use() & coverage.of_point(point)[column(Trait.PLACE)],
            lambda points, one: coverage.of_place(one.place)[points],
        )
        self._other_shift = GateBitmaps(
            lambda mask: in_use() & (column(Trait.SHIFTS) != 0) & (column(Trait.SHIFTS) & mask == 0),
            lambda masks, one: (one.shifts != 0) & (masks & one.shifts == 0),
        )
        self._wants_more = GateBitmaps(lambda most: in_use() & (column(Trait.FLOOR) > most), lambda most, one: one.floor > most)
        self._too_late = GateBitmaps(
            lambda start: in_use() & (column(Trait.AVAILABLE) > start), lambda start, one: one.available > start
        )
        self._gates = (
            (self._participants, Trait.PARTICIPATES),
            (self._near, Trait.PLACE),
            (self._other_shift, Trait.SHIFTS),
            (self._wants_more, Trait.FLOOR),
            (self._too_late, Trait.AVAILABLE),
        )

    def passing(self, slot: int) -> BitMap:
        """The learners who pass every gate of an opening."""
        openings = self._openings
        passing = self._participants.of(1) & self._near.of(int(openings.point[slot]))
        if mask := int(openings.shifts[slot]):
            passing -= self._other_shift.of(mask)
        if (most := int(openings.wage_max[slot])) != ANY_PAY:
            passing -= self._wants_more.of(most)
        if (start := int(openings.start_by[slot])) != ANY_DAY:
            passing -= self._too_late.of(start)
        return passing

    def meeting(self, form: Form) -> BitMap:
        """The learners who meet what a group asks for."""
        holding = self._verified if form.verified_only else self._held
        bitmaps = [holding.of(subject) for subject in form.subjects]
        return bitmaps[0] if len(bitmaps) == 1 else BitMap.union(*bitmaps)

    def move(self, slot: int, old: Traits | None, new: Traits | None) -> None:
        """A learner changed, came (`old` None) or went (`new` None)."""
        for gate, trait in self._gates:
            if old is None or new is None or old[trait] != new[trait]:
                gate.move(slot, old, new)
        subjects = self._skills.subjects
        for holding, trait in ((self._held, Trait.HELD), (self._verified, Trait.VERIFIED)):
            before = NOTHING if old is None else subjects(old[trait])
            after = NOTHING if new is None else subjects(new[trait])
            if before is not after:
                holding.move(slot, before, after)

    def forget(self) -> None:
        """Drop every bitmap; making them again on demand is cheaper than many moves."""
        for holding in (self._held, self._verified):
            holding.forget()
        for gate, _ in self._gates:
            gate.forget()


def _bitmap(flags: Flags) -> BitMap:
    return BitMap(np.flatnonzero(flags).astype(np.uint32))
