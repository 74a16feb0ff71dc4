"""What each credential would unlock for a learner of a region (MARKET.md section 11; the reference is `domain.pathways`).

Whatever a learner holds, a further credential adds at least what it provides alone: one table of credentials and forms says
which forms that meets. More is added only where it completes a composed credential together with what is held.
"""

from dataclasses import dataclass

import numpy as np

from matching.domain.engine.arrays import Array, Bytes
from matching.domain.engine.learner_side import LACKS
from matching.domain.engine.opening_table import OpeningTable
from matching.domain.engine.skills import SkillSets
from matching.domain.market.catalog import MarketCatalog
from matching.domain.pathways.unlocking import MOST_NAMED, Unlocked

MOST_SETS = 16_384
MOST_SHORT = 2**16
_Completed = tuple[tuple[int, Array], ...]
"""Numbers of credentials with the forms that each meets beside those of the table, at least one."""
_FIRST = np.arange(MOST_NAMED)[:, None]


@dataclass(frozen=True, slots=True)
class _Lacking:
    """A learner's near misses, best first (section 11), by the form that is lacking alone.

    `forms` are the numbers that are lacking, ascending; `positions` the remaining positions of each, and in its column of
    `best` is where its first near misses are, filled up with `none`.
    """

    forms: Array
    positions: Array
    best: Array
    none: np.int32

    def first(self, met: Array) -> Array:
        """Where the first near misses of each credential are, ascending, filled up with `none`: its row of `met` says which of
        the forms it meets."""
        places = np.where(met[:, None, :] > 0, self.best, self.none).reshape(len(met), self.best.size)
        places.sort(axis=1)
        return places[:, :MOST_NAMED]


class NearMisses:
    """Collects near misses by what the unmet groups ask for, and lets each credential collect its forms."""

    def __init__(self, openings: OpeningTable, skills: SkillSets) -> None:
        self._openings, self._skills = openings, skills
        self.forget()

    def forget(self) -> None:
        """Forget the table, because skill sets and forms have new numbers."""
        self._catalog = MarketCatalog.of((), ())
        self._forget()

    def unlocked(self, standings: Bytes, held: int, verified: int, catalog: MarketCatalog) -> tuple[Unlocked, ...]:
        """What each credential would unlock of `standings` for the learner of these skill sets, by credential id."""
        ranked, ids = self._openings.by_remaining()
        near = np.flatnonzero(standings[ranked] >= LACKS)
        if not near.size:
            return ()
        self._prepare(catalog)
        lacking = self._lacking(ranked[near], standings)
        met: Array = self._met[lacking.forms]
        for credential, forms in self._completed(held, verified):
            met[np.isin(lacking.forms, forms), credential] = 1
        unlocked: Array = lacking.positions @ met
        holdings = catalog.holdings(self._skills.awarded(held))
        numbers = [each for each in np.flatnonzero(unlocked).tolist() if self._credentials[each] not in holdings]
        named = ids[np.append(near, len(ranked))[lacking.first(met.T[numbers])]]
        found = zip(numbers, unlocked[numbers].tolist(), named.tolist(), strict=True)
        return tuple(
            Unlocked(self._credentials[each], positions, tuple(names) if names[-1] else tuple(filter(None, names)))
            for each, positions, names in found
        )

    def _lacking(self, slots: Array, standings: Bytes) -> _Lacking:
        required = self._openings.required
        forms = required.take((standings[slots] - LACKS) * np.intp(required.shape[1]) + slots)
        # Numbers of 16 bits are sorted without comparing them, and there are seldom more forms.
        order = np.argsort(forms.astype(np.uint16) if len(self._openings.forms) <= MOST_SHORT else forms, kind="stable")
        counts = np.bincount(forms)
        lacking = np.flatnonzero(counts)
        counts = counts[lacking]
        ends = counts.cumsum()
        starts = ends - counts
        places, none = starts + _FIRST, np.int32(len(order))
        best = np.where(places < ends, order.astype(np.int32).take(places, mode="clip"), none)
        return _Lacking(lacking, np.add.reduceat(self._openings.remaining[slots[order]], starts), best, none)

    def _prepare(self, catalog: MarketCatalog) -> None:
        """Bring the table up to the catalog and the forms."""
        if catalog is not self._catalog or self._met.shape[0] != len(self._openings.forms):
            self._catalog = catalog
            self._forget()

    def _forget(self) -> None:
        definitions = self._catalog.credentials
        self._credentials = sorted(definitions)
        self._composed = [each for each in definitions.values() if each.composed_of]
        parts = {part for whole in self._composed for part in whole.composed_of}
        alone = {credential: self._catalog.holdings((credential,)) for credential in self._credentials}
        self._adds = {number: alone[each] for number, each in enumerate(self._credentials) if not parts.isdisjoint(alone[each])}
        self._met: Array = np.zeros((len(self._openings.forms), len(self._credentials)), np.int64)
        for number, credential in enumerate(self._credentials):
            self._met[:, number] = self._met_by(self._catalog.subjects(alone[credential]))
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
        for number in self._adds:
            plain, proven = self._gained(number, held), self._gained(number, verified)
            if plain or proven:
                met = np.where(only, self._met_by(proven), self._met_by(plain)) & (self._met[:, number] == 0)
                if met.any():
                    found.append((number, np.flatnonzero(met)))
        return found

    def _gained(self, number: int, skills: int) -> frozenset[str]:
        """What a credential adds beside its own subjects, because with the others it completes a composed one."""
        catalog, awarded = self._catalog, self._skills.awarded(skills)
        together = catalog.holdings(awarded) | self._adds[number]
        if not any(each.id not in together and together.issuperset(each.composed_of) for each in self._composed):
            return frozenset()
        return catalog.provides_together(awarded | {self._credentials[number]})
