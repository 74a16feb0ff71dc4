"""Bitmaps of learners: who holds a subject, and whom a gate of an opening keeps out (MARKET.md sections 5 and 6).

Each bitmap is made from the columns when an opening first asks for it, and then kept up to date with every learner.
"""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

import numpy as np
from pyroaring import BitMap

from makersync.places import Places
from matching.domain.engine.arrays import Array, Flags
from matching.domain.engine.learner_table import LearnerTable, Place, Trait, Traits
from matching.domain.engine.opening_table import ANY_DAY, ANY_PAY, Form, OpeningTable
from matching.domain.engine.skills import SkillSets

KeyT = TypeVar("KeyT", bound=Hashable)
NOTHING: frozenset[str] = frozenset()
MOST_BITMAPS = 1024
"""Of one sort; with more they are made anew."""


class Bitmaps(Generic[KeyT]):
    """One sort of bitmaps. `all_flags` says of a key who belongs to it; `belongs` says whether one learner does."""

    def __init__(self, all_flags: Callable[[KeyT], Flags], belongs: Callable[[KeyT, Traits], bool]) -> None:
        self._all_flags = all_flags
        self._belongs = belongs
        self._bitmaps: dict[KeyT, BitMap] = {}

    def of(self, key: KeyT) -> BitMap:
        """The slots that belong to `key`; not to be changed."""
        bitmap = self._bitmaps.get(key)
        if bitmap is None:
            if len(self._bitmaps) >= MOST_BITMAPS:
                self._bitmaps.clear()
            bitmap = self._bitmaps[key] = BitMap(np.flatnonzero(self._all_flags(key)).astype(np.uint32))
        return bitmap

    def move(self, slot: int, new: Traits | None) -> None:
        """A learner is other than before, came, or went (`new` None)."""
        belongs = self._belongs
        for key, bitmap in self._bitmaps.items():
            if new is not None and belongs(key, new):
                bitmap.add(slot)
            else:
                bitmap.discard(slot)

    def switch(self, slot: int, old: frozenset[KeyT], new: frozenset[KeyT]) -> None:
        """A learner belongs to the keys `new` instead of `old`."""
        for key in old - new:
            if (bitmap := self._bitmaps.get(key)) is not None:
                bitmap.discard(slot)
        for key in new - old:
            if (bitmap := self._bitmaps.get(key)) is not None:
                bitmap.add(slot)

    def forget(self) -> None:
        """Make them anew when they are asked for."""
        self._bitmaps.clear()


class LearnerIndex:
    """All bitmaps of a region's learners. Bits of learners who do not participate are kept too: most take part again."""

    def __init__(self, learners: LearnerTable, openings: OpeningTable, skills: SkillSets, places: Places) -> None:
        self._learners, self._openings, self._skills, self._places = learners, openings, skills, places
        self._covers: dict[int, Flags] = {}
        column = learners.column
        self._participants = Bitmaps[None](lambda _: column(Trait.PARTICIPATES) == 1, lambda _, new: new.participates == 1)
        self._held = Bitmaps[str](lambda subject: skills.holders(subject)[column(Trait.HELD)], self._is_held)
        self._verified = Bitmaps[str](lambda subject: skills.holders(subject)[column(Trait.VERIFIED)], self._is_verified)
        self._near = Bitmaps[int](self._all_near, self._is_near)
        self._other_shift = Bitmaps[int](
            lambda mask: (column(Trait.SHIFTS) != 0) & (column(Trait.SHIFTS) & mask == 0),
            lambda mask, new: new.shifts != 0 and new.shifts & mask == 0,
        )
        self._wants_more = Bitmaps[int](lambda most: column(Trait.FLOOR) > most, lambda most, new: new.floor > most)
        self._too_late = Bitmaps[int](lambda start: column(Trait.AVAILABLE) > start, lambda start, new: new.available > start)
        self._sorts: tuple[tuple[Bitmaps[Any], Trait], ...] = (
            (self._participants, Trait.PARTICIPATES),
            (self._near, Trait.PLACE),
            (self._other_shift, Trait.SHIFTS),
            (self._wants_more, Trait.FLOOR),
            (self._too_late, Trait.AVAILABLE),
        )

    def passing(self, slot: int) -> BitMap:
        """The learners who pass every gate of an opening."""
        near, kept_out = self._gates(slot)
        passing = self._participants.of(None) & near
        for bitmap in kept_out:
            passing -= bitmap
        return passing

    def passes(self, slot: int, person: int) -> bool:
        """Whether one learner slot passes every gate of an opening."""
        near, kept_out = self._gates(slot)
        return person in self._participants.of(None) and person in near and not any(person in bitmap for bitmap in kept_out)

    def _gates(self, slot: int) -> tuple[BitMap, list[BitMap]]:
        """Who is near enough, and whom the other gates keep out."""
        openings, kept_out = self._openings, []
        if mask := int(openings.shifts[slot]):
            kept_out.append(self._other_shift.of(mask))
        if (most := int(openings.wage_max[slot])) != ANY_PAY:
            kept_out.append(self._wants_more.of(most))
        if (start := int(openings.start_by[slot])) != ANY_DAY:
            kept_out.append(self._too_late.of(start))
        return self._near.of(int(openings.point[slot])), kept_out

    def meeting(self, form: Form) -> BitMap:
        """The learners who meet what a group asks for."""
        holding = self._verified if form.verified_only else self._held
        bitmaps = [holding.of(subject) for subject in form.subjects]
        return bitmaps[0] if len(bitmaps) == 1 else BitMap.union(*bitmaps)

    def meets(self, form: Form, person: int) -> bool:
        """Whether one learner slot meets what a group asks for."""
        holding = self._verified if form.verified_only else self._held
        return any(person in holding.of(subject) for subject in form.subjects)

    def move(self, slot: int, old: Traits | None, new: Traits | None) -> None:
        """A learner is other than before, came (`old` None) or went."""
        for bitmaps, trait in self._sorts:
            if old is None or new is None or old[trait] != new[trait]:
                bitmaps.move(slot, new)
        subjects = self._skills.subjects
        for holding, trait in ((self._held, Trait.HELD), (self._verified, Trait.VERIFIED)):
            before = NOTHING if old is None else subjects(old[trait])
            after = NOTHING if new is None else subjects(new[trait])
            if before is not after:
                holding.switch(slot, before, after)

    def forget(self) -> None:
        """Make every bitmap anew when it is asked for: cheaper than many moves."""
        for bitmaps in (self._held, self._verified, *(bitmaps for bitmaps, _ in self._sorts)):
            bitmaps.forget()

    def covered(self, place: int) -> Flags:
        """By point number, whether the point is within the reach of a place."""
        points = self._openings.points
        known = self._covers.get(place)
        if known is None or known.shape[0] < len(points):
            have = 0 if known is None else known.shape[0]
            more = [self._is_covered(self._learners.places[place], point) for point in points[have:]]
            known = np.array(more, np.bool_) if known is None else np.append(known, more)
            self._covers[place] = known
        return known

    def _is_held(self, subject: str, traits: Traits) -> bool:
        return subject in self._skills.subjects(traits.held)

    def _is_verified(self, subject: str, traits: Traits) -> bool:
        return subject in self._skills.subjects(traits.verified)

    def _all_near(self, point: int) -> Flags:
        where = self._openings.points[point]
        covers = np.array([self._is_covered(place, where) for place in self._learners.places], np.bool_)
        place: Array = self._learners.column(Trait.PLACE)
        return covers[place] if covers.size else np.zeros(place.shape, np.bool_)

    def _is_near(self, point: int, traits: Traits) -> bool:
        return bool(self.covered(traits.place)[point])

    def _is_covered(self, place: Place, point: str | None) -> bool:
        if point is None:
            return place.remote_ok
        return self._places.distance_m(place.zip, point) <= 1000 * place.reach_km
