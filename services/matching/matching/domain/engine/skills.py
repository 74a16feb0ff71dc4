"""Distinct sets of awarded credentials, and the subjects that each makes held (MARKET.md section 5).

People hold few distinct sets, so that a learner is three small numbers: what is in force, what of it is verified, and what
would be in force with the training that is under way.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from matching.domain.engine.arrays import Array, Flags, grown
from matching.domain.market.catalog import MarketCatalog, MarketCredential


class SkillSets:
    """Numbers every set once; number 0 is the empty set. Subjects that an opening asks for have a row of flags."""

    def __init__(self, catalog: MarketCatalog) -> None:
        self._catalog = catalog
        self._numbers: dict[frozenset[str], int] = {}
        self._awarded: list[frozenset[str]] = []
        self._subjects: list[frozenset[str]] = []
        self._rows: dict[str, int] = {}
        self._held = np.zeros((0, 0), np.bool_)
        self.number(frozenset())

    def __len__(self) -> int:
        return len(self._awarded)

    def number(self, awarded: frozenset[str]) -> int:
        """The number of a set of awarded credentials."""
        known = self._numbers.get(awarded)
        return self._add(awarded) if known is None else known

    def awarded(self, number: int) -> frozenset[str]:
        """The set of a number."""
        return self._awarded[number]

    def subjects(self, number: int) -> frozenset[str]:
        """Every subject that the set makes held."""
        return self._subjects[number]

    def holders(self, subject: str) -> Flags:
        """By number, whether the set makes `subject` held."""
        row = self._rows.get(subject)
        if row is None:
            row = self._ask(subject)
        return self._held[row, : len(self._awarded)]

    def meeting(self, groups: Sequence[frozenset[str]]) -> Array:
        """By group and number, whether the set makes any of the group's subjects held. It leaves no rows, and looks at every
        set once, however many subjects the groups name."""
        met = np.zeros((len(groups), len(self._subjects)), np.bool_)
        asked: dict[str, list[int]] = {}
        for place, group in enumerate(groups):
            for subject in group:
                if subject in self._rows:
                    met[place] |= self.holders(subject)
                else:
                    asked.setdefault(subject, []).append(place)
        names = frozenset(asked)
        for number, subjects in enumerate(self._subjects if names else ()):
            for subject in names & subjects:
                met[asked[subject], number] = True
        return met

    def keep(self, numbers: Array) -> None:
        """Forget all sets but these, in ascending order and 0 among them: each is then numbered by its place."""
        self._awarded = [self._awarded[number] for number in numbers.tolist()]
        self._subjects = [self._subjects[number] for number in numbers.tolist()]
        self._numbers = {awarded: number for number, awarded in enumerate(self._awarded)}
        self._rows = {}
        self._held = np.zeros((0, len(self._awarded)), np.bool_)

    def affected(self, catalog: MarketCatalog) -> list[int]:
        """The numbers whose holdings, or what supports them, may differ under another catalog."""
        changed = _differing(self._catalog.credentials.values(), catalog.credentials.values())
        if not changed:
            return []
        old, new = self._catalog, catalog
        return [
            number
            for number, awarded in enumerate(self._awarded)
            if not (changed.isdisjoint(old.holdings(awarded)) and changed.isdisjoint(new.holdings(awarded)))
        ]

    def change_catalog(self, catalog: MarketCatalog, numbers: Iterable[int]) -> None:
        """Use another catalog, under which only `numbers` may differ."""
        self._catalog = catalog
        for number in numbers:
            self._subjects[number] = self._held_subjects(self._awarded[number])
            for subject, row in self._rows.items():
                self._held[row, number] = subject in self._subjects[number]

    def _add(self, awarded: frozenset[str]) -> int:
        awarded = _shared(awarded)
        number = self._numbers[awarded] = len(self._awarded)
        subjects = self._held_subjects(awarded)
        self._awarded.append(awarded)
        self._subjects.append(subjects)
        self._held = grown(self._held, number + 1)
        self._held[[self._rows[subject] for subject in subjects if subject in self._rows], number] = True
        return number

    def _ask(self, subject: str) -> int:
        row = self._rows[subject] = len(self._rows)
        self._held = grown(self._held, row + 1, axis=0)
        self._held[row, : len(self._subjects)] = [subject in subjects for subjects in self._subjects]
        return row

    def _held_subjects(self, awarded: frozenset[str]) -> frozenset[str]:
        return _shared(self._catalog.subjects(self._catalog.holdings(awarded)))


@lru_cache(maxsize=1 << 16)
def _shared(names: frozenset[str]) -> frozenset[str]:
    """One object for equal sets: hundreds of regions know the same ones."""
    return names


def _differing(old: Iterable[MarketCredential], new: Iterable[MarketCredential]) -> frozenset[str]:
    """The credentials whose consequences differ; names and durations have none."""
    meaning_old = {each.id: (frozenset(each.confers), each.implies, each.composed_of) for each in old}
    meaning_new = {each.id: (frozenset(each.confers), each.implies, each.composed_of) for each in new}
    ids = meaning_old.keys() | meaning_new.keys()
    return frozenset(each for each in ids if meaning_old.get(each) != meaning_new.get(each))
