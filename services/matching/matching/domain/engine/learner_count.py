"""How many learners of a region an opening reaches, live or not (MARKET.md section 15; the reference is `domain.reach`).

It compares columns instead of bitmaps: bitmaps of what every opening asks for would have to be kept up to date with every
learner, and an opening is counted once in a while.
"""

from collections.abc import Sequence

import numpy as np

from matching.domain.engine.arrays import Array, Flags
from matching.domain.engine.coverage import Coverage
from matching.domain.engine.learner_table import MOST_CENTS, LearnerTable, Trait
from matching.domain.engine.opening_table import OpeningTable
from matching.domain.engine.packing import shift_mask
from matching.domain.engine.skills import SkillSets
from matching.domain.market.subjects import MarketOpening
from matching.domain.reach.counting import HOLDING_BACK, LackingCount, OpeningCounts
from matching.domain.rules.groups import AskedGroup, ask

SET_STEPS = 250
"""Looking at a skill set takes as long as so many comparisons of a learner's column."""


class LearnerCount:
    """Counts whoever is in reach in one go. A draft leaves nothing behind."""

    def __init__(self, learners: LearnerTable, openings: OpeningTable, coverage: Coverage, skills: SkillSets) -> None:
        self._learners, self._openings, self._coverage, self._skills = learners, openings, coverage, skills

    def steps(self, opening: MarketOpening) -> int:
        """About how much there is to do to count for a draft, in comparisons of a learner with a gate or a group."""
        columns = len(HOLDING_BACK) + len(ask(opening.groups).required)
        return SET_STEPS * len(self._skills) + columns * len(self._learners)

    def count(self, opening: MarketOpening) -> OpeningCounts:
        """Count for an opening as it is given; what live openings ask for is remembered, as matching does."""
        required = ask(opening.groups).required
        people = self._in_reach(opening.zip)
        meeting = self._meeting(opening, required)
        unmet = [~flags[self._column(group)[people]] for group, flags in zip(required, meeting, strict=True)]
        kept_out = self._kept_out(opening, people)
        lacks, fails = _how_many(unmet, people), _how_many(kept_out, people)
        passing, able = fails == 0, lacks == 0
        near = passing & (lacks == 1)
        lacking = tuple(
            self._lacking(group, people[near & lacked], flags)
            for group, lacked, flags in zip(required, unmet, meeting, strict=True)
        )
        return OpeningCounts(
            in_reach=people.shape[0],
            pass_gates=int(np.count_nonzero(passing)),
            qualified=int(np.count_nonzero(passing & able)),
            near_misses=int(np.count_nonzero(near)),
            lacking=lacking,
            held_back=tuple(int(np.count_nonzero(able & (fails == 1) & flags)) for flags in kept_out),
        )

    def _in_reach(self, zip_code: str | None) -> Array:
        """The slots of those who take part and have the place of work within their reach."""
        point = self._openings.known_point(zip_code)
        if point is not None:
            near = self._coverage.of_point(point)
        else:
            assert zip_code is not None
            near = self._coverage.of_zip(zip_code)
        column = self._learners.column
        people: Array = np.flatnonzero(near[column(Trait.PLACE)] & (column(Trait.PARTICIPATES) == 1))
        return people

    def _kept_out(self, opening: MarketOpening, people: Array) -> list[Flags]:
        """By gate after the first three, in the order of MARKET.md section 6, whom it keeps out."""
        mask, nobody = shift_mask(opening.shifts), np.zeros(people.shape, np.bool_)
        late = other_shift = wants_more = nobody
        if opening.start_by is not None:
            late = self._learners.column(Trait.AVAILABLE)[people] > opening.start_by.toordinal()
        if mask:
            shifts = self._learners.column(Trait.SHIFTS)[people]
            other_shift = (shifts != 0) & (shifts & mask == 0)
        if opening.wage_max is not None:
            wants_more = self._learners.column(Trait.FLOOR)[people] > min(opening.wage_max, MOST_CENTS)
        return [late, other_shift, wants_more]

    def _meeting(self, opening: MarketOpening, required: Sequence[AskedGroup]) -> Sequence[Flags]:
        """By group and skill set, whether the set meets the group."""
        slot = self._openings.slots.get(opening.opening_id)
        if slot is None or self._openings.opening(slot) is not opening:
            return list(self._skills.meeting([group.subjects for group in required]))
        holders = [[self._skills.holders(subject) for subject in group.subjects] for group in required]
        return [flags[0] if len(flags) == 1 else np.logical_or.reduce(flags) for flags in holders]

    def _column(self, asked: AskedGroup) -> Array:
        return self._learners.column(Trait.VERIFIED if asked.group.verified_only else Trait.HELD)

    def _lacking(self, asked: AskedGroup, people: Array, met: Flags) -> LackingCount:
        unverified = None
        if asked.group.verified_only:
            unverified = int(np.count_nonzero(met[self._learners.column(Trait.HELD)[people]]))
        return LackingCount(asked.group.id, people.shape[0], unverified)


def _how_many(flags: list[Flags], people: Array) -> Array:
    """By person, how many of the flags are set."""
    counts = np.zeros(people.shape, np.uint16)
    for each in flags:
        counts += each
    return counts
