"""Where one learner stands with every live opening (MARKET.md sections 6 to 8)."""

import numpy as np

from matching.domain.engine.arrays import Array, Bytes, Flags, Slots
from matching.domain.engine.learner_index import LearnerIndex
from matching.domain.engine.learner_table import UNKNOWN, LearnerTable, Traits
from matching.domain.engine.opening_table import OpeningTable, scores
from matching.domain.engine.rows import Rows
from matching.domain.engine.skills import SkillSets
from matching.domain.policy import Policy

NOT = 0
QUALIFIED = 1
LACKS = 2
"""A near miss has LACKS plus the place of the unmet group among the required ones."""
BYTES_A_LEARNER = 400
LEAST_BYTES = 1 << 16
"""What rows of one sort may take: they are worth remembering where many learners share them."""
MOST_SETS = 8192
MOST_GROUPS_IN_A_BYTE = 250


class LearnerSide:
    """Rows of standings, and the scores of one learner."""

    def __init__(self, learners: LearnerTable, openings: OpeningTable, index: LearnerIndex, skills: SkillSets) -> None:
        self._learners, self._openings, self._index, self._skills = learners, openings, index, skills
        self._met: dict[int, Flags] = {}
        self._skill_kinds: dict[tuple[int, int], bytes] = {}
        self._kinds_of = 0
        self._standings: Rows[bytes] = Rows(openings, self._judge_skill)
        self._near: Rows[int] = Rows(openings, lambda place, slots: index.covered(place)[openings.point[slots]])
        self._shifts: Rows[int] = Rows(openings, self._judge_shifts)
        self._pay: Rows[int] = Rows(openings, lambda floor, slots: openings.wage_max[slots] >= floor)
        self._start: Rows[int] = Rows(openings, lambda available, slots: openings.start_by[slots] >= available)
        self._dtype: type[np.uint8] | type[np.uint16] = np.uint8

    def standings(self, traits: Traits) -> Bytes | None:
        """By opening slot: NOT, QUALIFIED or LACKS and more. None for one who does not participate; not to be changed."""
        if not traits.participates:
            return None
        self._widen()
        most = max(LEAST_BYTES, BYTES_A_LEARNER * len(self._learners))
        row = self._standings.row(self._skill_kind(traits), most) * self._near.row(traits.place, most)
        if traits.shifts:
            row *= self._shifts.row(traits.shifts, most)
        if traits.floor != UNKNOWN:
            row *= self._pay.row(traits.floor, most)
        if traits.available != UNKNOWN:
            row *= self._start.row(traits.available, most)
        return row

    def scores(self, traits: Traits, slots: Array, policy: Policy) -> Array:
        """The scores with the openings in `slots`, for each of which the learner qualifies."""
        return scores(self._openings, slots, self._meets(traits), self.met(traits.verified), policy)

    def met(self, number: int) -> Flags:
        """By form number, whether a skill set has one of the form's subjects, verified or not."""
        known, forms = self._met.get(number), self._openings.forms
        if known is None or known.shape[0] < len(forms):
            have = 0 if known is None else known.shape[0]
            subjects = self._skills.subjects(number)
            more = [not form.subjects.isdisjoint(subjects) for form in forms[have:]]
            known = np.array([True, *more[1:]], np.bool_) if known is None else np.append(known, more)
            if len(self._met) >= MOST_SETS:
                del self._met[next(iter(self._met))]
            self._met[number] = known
        return known

    def forget(self) -> None:
        """Forget every row: the openings or the rules are others."""
        self._met.clear()
        self._skill_kinds.clear()
        for rows in (self._near, self._shifts, self._pay, self._start):
            rows.forget()
        self._standings.forget()

    def forget_skills(self, numbers: list[int]) -> None:
        """Forget what was said of some skill sets."""
        for number in numbers:
            self._met.pop(number, None)
        self._skill_kinds.clear()

    def _skill_kind(self, traits: Traits) -> bytes:
        """One byte a form: 1 where an opening may require it and the learner meets it."""
        if self._kinds_of != len(self._openings.forms) or len(self._skill_kinds) > MOST_SETS:
            self._kinds_of = len(self._openings.forms)
            self._skill_kinds.clear()
        skill = (traits.held, traits.verified)
        kind = self._skill_kinds.get(skill)
        if kind is None:
            kind = self._skill_kinds[skill] = (self._meets(traits) & self._openings.ever_required()).tobytes()
        return kind

    def _meets(self, traits: Traits) -> Flags:
        held = self.met(traits.held)
        if not self._openings.any_verified_only:
            return held
        return np.where(self._openings.verified_only(), self.met(traits.verified), held)

    def _judge_skill(self, kind: bytes, slots: Slots) -> Array:
        openings, met = self._openings, np.frombuffer(kind, np.bool_)
        live = openings.live[slots].astype(self._dtype)
        lacking, which = np.zeros_like(live), np.zeros_like(live)
        for place, forms in enumerate(openings.required):
            unmet = (~met.take(forms[slots])).astype(self._dtype)
            lacking += unmet
            # Where one group alone is unmet, this is its place.
            which[:] += unmet * np.array(place, self._dtype)
        near = which + np.array(LACKS, self._dtype)
        standing: Array = live * np.where(lacking == 0, np.array(QUALIFIED, self._dtype), (lacking == 1) * near)
        return standing

    def _judge_shifts(self, mask: int, slots: Slots) -> Array:
        shifts = self._openings.shifts[slots]
        overlap: Flags = (shifts == 0) | (shifts & mask != 0)
        return overlap

    def _widen(self) -> None:
        """Standings are bytes as long as no opening has hundreds of required groups."""
        if self._dtype is np.uint8 and self._openings.required.shape[0] > MOST_GROUPS_IN_A_BYTE:
            self._dtype = np.uint16
            self._standings = Rows(self._openings, self._judge_skill, np.uint16)
