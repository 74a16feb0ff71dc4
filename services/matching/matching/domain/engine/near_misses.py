"""What each credential would unlock for a learner of a region (MARKET.md section 11; the reference is `domain.pathways`).

Whatever a learner holds, a further credential adds at least what it provides alone: one table of credentials and forms says
which forms that meets. More is added only where it completes a composed credential together with what is held.
"""

from collections.abc import Mapping

import numpy as np

from matching.domain.engine.arrays import Array, Bytes
from matching.domain.engine.learner_side import LACKS
from matching.domain.engine.opening_table import OpeningTable
from matching.domain.engine.skills import SkillSets
from matching.domain.market.catalog import MarketCatalog

MOST_SETS = 16_384
_Completed = tuple[tuple[int, Array], ...]
"""Rows of the table with the forms that are met beside those of the table."""


class NearMisses:
    """Sums the remaining positions by what the unmet groups ask for, and lets each credential collect its forms."""

    def __init__(self, openings: OpeningTable, skills: SkillSets) -> None:
        self._openings, self._skills = openings, skills
        self.forget()

    def forget(self) -> None:
        """Forget the table, because skill sets and forms have new numbers."""
        self._catalog = MarketCatalog.of((), ())
        self._forget()

    def unlocked(self, standings: Bytes, held: int, verified: int, catalog: MarketCatalog) -> Mapping[str, int]:
        """By credential, the positions of `standings` that it would make the learner of these skill sets qualified for."""
        positions = self._lacking(standings)
        if not positions.any():
            return {}
        self._prepare(catalog)
        unlocked: Array = self._meets @ positions
        for row, forms in self._completed(held, verified):
            unlocked[row] += positions[forms].sum()
        holdings, rows = catalog.holdings(self._skills.awarded(held)), np.flatnonzero(unlocked)
        found = zip(rows.tolist(), unlocked[rows].tolist(), strict=True)
        return {self._credentials[row]: number for row, number in found if self._credentials[row] not in holdings}

    def _lacking(self, standings: Bytes) -> Array:
        """By form number, the remaining positions of openings for which only this form is lacking."""
        openings = np.flatnonzero(standings >= LACKS)
        forms = self._openings.required[standings[openings] - LACKS, openings]
        positions = np.zeros(len(self._openings.forms), np.int64)
        np.add.at(positions, forms, self._openings.remaining[openings])
        return positions

    def _prepare(self, catalog: MarketCatalog) -> None:
        """Bring the table up to the catalog and the forms."""
        if catalog is not self._catalog or self._meets.shape[1] != len(self._openings.forms):
            self._catalog = catalog
            self._forget()

    def _forget(self) -> None:
        definitions = self._catalog.credentials
        self._credentials = sorted(definitions)
        self._composed = [each for each in definitions.values() if each.composed_of]
        parts = {part for whole in self._composed for part in whole.composed_of}
        alone = {credential: self._catalog.holdings((credential,)) for credential in self._credentials}
        self._adds = {row: alone[each] for row, each in enumerate(self._credentials) if not parts.isdisjoint(alone[each])}
        self._meets: Array = np.zeros((len(self._credentials), len(self._openings.forms)), np.int64)
        for row, credential in enumerate(self._credentials):
            self._meets[row] = self._met_by(self._catalog.subjects(alone[credential]))
        self._known: dict[tuple[int, int], _Completed] = {}

    def _met_by(self, subjects: frozenset[str]) -> list[bool]:
        return [not form.subjects.isdisjoint(subjects) for form in self._openings.forms]

    def _completed(self, held: int, verified: int) -> _Completed:
        known = self._known.get((held, verified))
        if known is None:
            if len(self._known) >= MOST_SETS:
                self._known.clear()
            known = self._known[held, verified] = tuple(self._find_completed(held, verified))
        return known

    def _find_completed(self, held: int, verified: int) -> list[tuple[int, Array]]:
        only = self._openings.verified_only()
        found = []
        for row in self._adds:
            plain, proven = self._gained(row, held), self._gained(row, verified)
            if plain or proven:
                met = np.where(only, self._met_by(proven), self._met_by(plain)) & (self._meets[row] == 0)
                found.append((row, np.flatnonzero(met)))
        return found

    def _gained(self, row: int, skills: int) -> frozenset[str]:
        """What a credential adds beside its own subjects, because with the others it completes a composed one."""
        catalog, awarded = self._catalog, self._skills.awarded(skills)
        together = catalog.holdings(awarded) | self._adds[row]
        if not any(each.id not in together and together.issuperset(each.composed_of) for each in self._composed):
            return frozenset()
        return catalog.provides_together(awarded | {self._credentials[row]})
