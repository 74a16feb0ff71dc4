"""Supply and training of a region's cells, from the skill sets of who takes part (MARKET.md section 12)."""

import numpy as np

from matching.domain.cells.counts import CellCounts
from matching.domain.engine.learner_table import LearnerTable, Trait, Traits
from matching.domain.engine.skills import SkillSets

_NONE: frozenset[str] = frozenset()
_Counted = tuple[int, int, int]
"""Held, expected, home."""


class PeopleCount:
    """Counts learners in their cells, by what they hold and what they would hold."""

    def __init__(self, counts: CellCounts, skills: SkillSets) -> None:
        self._counts = counts
        self._skills = skills

    def move(self, old: Traits | None, new: Traits | None) -> None:
        """Count one learner as changed, come or gone."""
        before, after = _counted(old), _counted(new)
        if before != after:
            self._counts.replace_people(self._supply(before), self._supply(after), *_homes(before, after))
            self._counts.replace_training(self._training(before), self._training(after))

    def count_all(self, learners: LearnerTable) -> None:
        """Count everybody who takes part."""
        self._counts.forget_people()
        part = learners.column(Trait.PARTICIPATES) == 1
        columns = [learners.column(trait)[part] for trait in (Trait.HELD, Trait.EXPECTED, Trait.HOME)]
        kinds, numbers = np.unique(np.stack(columns), axis=1, return_counts=True)
        for (held, expected, home), number in zip(kinds.T.tolist(), numbers.tolist(), strict=True):
            kind = (held, expected, home)
            self._counts.add_people(self._supply(kind), self._training(kind), bool(home), number)

    def _supply(self, kind: _Counted | None) -> frozenset[str]:
        return _NONE if kind is None else self._skills.subjects(kind[0])

    def _training(self, kind: _Counted | None) -> frozenset[str]:
        if kind is None or kind[0] == kind[1]:
            return _NONE
        return self._skills.subjects(kind[1]) - self._skills.subjects(kind[0])


def _counted(traits: Traits | None) -> _Counted | None:
    return (traits.held, traits.expected, traits.home) if traits is not None and traits.participates else None


def _homes(before: _Counted | None, after: _Counted | None) -> tuple[bool, bool]:
    return before is not None and before[2] == 1, after is not None and after[2] == 1
