"""Where learners stand with every live opening (MARKET.md sections 6 to 8)."""

from collections.abc import Sequence

import numpy as np

from matching.domain.engine.arrays import Array, Bytes, Flags, Slots
from matching.domain.engine.learner_index import LearnerIndex
from matching.domain.engine.learner_table import UNKNOWN, LearnerTable, Traits
from matching.domain.engine.opening_table import CLOSED, NOTHING_ASKED, OpeningTable, scores
from matching.domain.engine.rows import Rows
from matching.domain.engine.skills import SkillSets
from matching.domain.market.policy import Policy

NOT = 0
QUALIFIED = 1
LACKS = 2
"""A near miss has LACKS plus the place of the unmet group among the required ones."""
BYTES_PER_LEARNER = 200
LEAST_BYTES = 1 << 16
"""The memory that the rows of one kind may take. They are worth keeping where many learners share them."""
MOST_SETS = 8192
MOST_GROUPS_IN_A_BYTE = 250
Skill = tuple[int, int]
"""The skill sets held and verified."""


class LearnerSide:
    """Skills decide what a learner meets, and many learners share them; rows hold what the gates keep out."""

    def __init__(self, learners: LearnerTable, openings: OpeningTable, index: LearnerIndex, skills: SkillSets) -> None:
        self._learners, self._openings, self._index, self._skills = learners, openings, index, skills
        self._met: dict[int, Flags] = {}
        self._judged: dict[Skill, Bytes] = {}
        self._required = np.zeros((1, 0), np.intp)
        self._near: Rows[int] = Rows(openings, lambda place, slots: index.coverage.of_place(place)[openings.point[slots]])
        self._shifts: Rows[int] = Rows(openings, self._judge_shifts)
        self._pay: Rows[int] = Rows(openings, lambda floor, slots: openings.wage_max[slots] >= floor)
        self._start: Rows[int] = Rows(openings, lambda available, slots: openings.start_by[slots] >= available)
        self._dtype: type[np.uint8] | type[np.uint16] = np.uint8

    def standings(self, people: Sequence[Traits | None]) -> Bytes:
        """By person and opening slot: NOT, QUALIFIED, or LACKS and above; NOT for None and for who does not participate."""
        self._read_signatures()
        found: Bytes = np.zeros((len(people), self._openings.room), self._dtype)
        for row, traits in zip(found, people, strict=True):
            if traits is not None and traits.participates:
                self._stand(row, traits)
        return found

    def qualifies(self, traits: Traits, slot: int) -> bool:
        """Whether one learner qualifies for one opening."""
        self._read_signatures()
        openings = self._openings
        return (
            bool(traits.participates)
            and bool(self._judge(traits)[openings.signature[slot]] == QUALIFIED)
            and self._index.coverage.reaches(traits.place, int(openings.point[slot]))
            and bool(openings.wage_max[slot] >= traits.floor and openings.start_by[slot] >= traits.available)
            and not (traits.shifts and openings.shifts[slot] and not openings.shifts[slot] & traits.shifts)
        )

    def scores(self, people: Sequence[Traits], rows: Array, slots: Array, policy: Policy) -> Array:
        """The scores of people for the openings in `slots`, for which they qualify; `rows` has the person of each slot."""
        met = np.stack([self._meets(traits) for traits in people])
        verified = np.stack([self.met(traits.verified) for traits in people])
        return scores(self._openings, slots, rows, met, verified, policy)

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
        """Forget everything, because the openings or the rules have changed."""
        self._met.clear()
        self._judged.clear()
        self._required = np.zeros((1, 0), np.intp)
        for rows in (self._near, self._shifts, self._pay, self._start):
            rows.forget()

    def forget_skills(self, numbers: list[int]) -> None:
        """Forget what was computed for some skill sets."""
        for number in numbers:
            self._met.pop(number, None)
        self._judged.clear()

    def _stand(self, row: Bytes, traits: Traits) -> None:
        most = max(LEAST_BYTES, BYTES_PER_LEARNER * len(self._learners))
        self._judge(traits).take(self._openings.signature, out=row, mode="clip")
        row *= self._near.row(traits.place, most)
        if traits.shifts:
            row *= self._shifts.row(traits.shifts, most)
        if traits.floor != UNKNOWN:
            row *= self._pay.row(traits.floor, most)
        if traits.available != UNKNOWN:
            row *= self._start.row(traits.available, most)

    def _judge(self, traits: Traits) -> Bytes:
        """By signature, how someone of these skills stands with openings that require it."""
        skill = (traits.held, traits.verified)
        judged = self._judged.get(skill)
        if judged is None:
            if len(self._judged) >= MOST_SETS:
                self._judged.clear()
            judged = self._judged[skill] = self._judge_skill(self._meets(traits))
        return judged

    def _judge_skill(self, met: Flags) -> Bytes:
        unmet = ~met[self._required]
        lacking = unmet.sum(axis=0)
        # Where one group alone is unmet, argmax is its place.
        near = np.where(lacking == 1, LACKS + unmet.argmax(axis=0), NOT)
        judged: Bytes = np.where(lacking == 0, QUALIFIED, near).astype(self._dtype)
        judged[CLOSED] = NOT
        return judged

    def _read_signatures(self) -> None:
        """The forms of every signature, in columns; standings are bytes as long as no opening has hundreds of groups."""
        signatures = self._openings.signatures
        if self._required.shape[1] == len(signatures):
            return
        longest = max(1, *map(len, signatures))
        self._required = np.full((longest, len(signatures)), NOTHING_ASKED, np.intp)
        for number, forms in enumerate(signatures):
            self._required[: len(forms), number] = forms
        self._dtype = np.uint8 if longest <= MOST_GROUPS_IN_A_BYTE else np.uint16
        self._judged.clear()

    def _meets(self, traits: Traits) -> Flags:
        held = self.met(traits.held)
        if not self._openings.any_verified_only:
            return held
        return np.where(self._openings.verified_only(), self.met(traits.verified), held)

    def _judge_shifts(self, mask: int, slots: Slots) -> Array:
        shifts = self._openings.shifts[slots]
        overlap: Flags = (shifts == 0) | (shifts & mask != 0)
        return overlap
