"""Where every learner stands with one live opening: counts and the best (MARKET.md sections 7 to 9)."""

import numpy as np
from pyroaring import BitMap

from matching.domain.engine.arrays import Array, Flags
from matching.domain.engine.learner_index import LearnerIndex
from matching.domain.engine.learner_side import LACKS, QUALIFIED
from matching.domain.engine.learner_table import LearnerTable, Trait
from matching.domain.engine.opening_table import Form, OpeningTable, Wish
from matching.domain.engine.shortlist_buffers import order_keys
from matching.domain.engine.skills import SkillSets
from matching.domain.market.policy import Policy
from matching.domain.rules.scoring import FULL


class OpeningSide:
    """Intersects bitmaps of learners."""

    def __init__(self, learners: LearnerTable, openings: OpeningTable, index: LearnerIndex, skills: SkillSets) -> None:
        self._learners, self._openings, self._index, self._skills = learners, openings, index, skills

    def count(self, slot: int) -> BitMap:
        """Count from the bitmaps who qualifies and who lacks which group; returns who qualifies."""
        openings, index = self._openings, self._index
        groups = int(openings.required_count[slot])
        meeting = [index.meeting(openings.forms[form]) for form in openings.required[:groups, slot]]
        before = [index.passing(slot)]
        for bitmap in meeting:
            before.append(before[-1] & bitmap)
        qualified = before[-1]
        counts = openings.counts[:, slot]
        counts[:] = 0
        counts[QUALIFIED] = len(qualified)
        after: BitMap | None = None
        for place in reversed(range(groups)):
            others = len(before[place]) if after is None else before[place].intersection_cardinality(after)
            counts[LACKS + place] = others - len(qualified)
            after = meeting[place] if after is None else after & meeting[place]
        return qualified

    def ranked(self, slot: int, qualified: BitMap, policy: Policy) -> tuple[Array, Array]:
        """The learner slots of who qualifies, and their order keys."""
        people = np.frombuffer(qualified.to_array(), np.uint32) if qualified else np.zeros(0, np.uint32)
        scores = self._scores(slot, people, policy)
        return people, order_keys(scores, self._learners.column(Trait.SINCE)[people], FULL)

    def _scores(self, slot: int, people: Array, policy: Policy) -> Array:
        openings = self._openings
        divisor = int(openings.divisor[slot])
        if divisor == 0:
            return np.full(people.shape[0], FULL)
        held, verified = self._learners.column(Trait.HELD)[people], self._learners.column(Trait.VERIFIED)[people]
        total = np.zeros(people.shape[0], np.int64)
        for wish, weight in ((openings.preferred, policy.weight_preferred), (openings.trainable, policy.weight_trainable)):
            if any(wish.weights[:, slot]):
                total += weight * self._share(wish, slot, held, verified)
        if groups := int(openings.required_count[slot]):
            proven = np.zeros(people.shape[0], np.int32)
            for form in openings.required[:groups, slot]:
                proven += self._holders(openings.forms[form])[verified]
            total += policy.weight_evidence * (FULL * proven // groups)
        return total // divisor

    def _share(self, wish: Wish, slot: int, held: Array, verified: Array) -> Array:
        met = np.zeros(held.shape[0], np.int32)
        for number, weight in zip(wish.forms[:, slot].tolist(), wish.weights[:, slot].tolist(), strict=True):
            if weight:
                form = self._openings.forms[number]
                met += weight * self._holders(form)[verified if form.verified_only else held]
        share: Array = FULL * met // wish.totals[slot]
        return share

    def _holders(self, form: Form) -> Flags:
        """By skill set, whether it has one of the form's subjects."""
        flags = [self._skills.holders(subject) for subject in form.subjects]
        return flags[0] if len(flags) == 1 else np.logical_or.reduce(flags)
