"""What each credential would unlock for a learner of a region (MARKET.md section 11; the reference is `domain.pathways`)."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np

from matching.domain.catalog import Catalog
from matching.domain.engine.arrays import Bytes
from matching.domain.engine.learner_side import LACKS
from matching.domain.engine.opening_table import OpeningTable
from matching.domain.engine.skills import SkillSets


class NearMisses:
    """Sums the remaining positions by what the unmet groups ask for, and then asks each credential once."""

    def __init__(self, openings: OpeningTable, skills: SkillSets) -> None:
        self._openings, self._skills = openings, skills

    def unlocked(self, standings: Bytes, held: int, verified: int, catalog: Catalog) -> Mapping[str, int]:
        """By credential, the positions of `standings` that it would make the learner of these skill sets qualified for."""
        lacking = self._lacking(standings)
        if not lacking:
            return {}
        wanted = {kind: _by_subject(forms) for kind, forms in self._kinds(lacking).items()}
        holdings = catalog.holdings(self._skills.awarded(held))
        sides = ((wanted[False], self._skills.awarded(held)), (wanted[True], self._skills.awarded(verified)))
        unlocked: Counter[str] = Counter()
        for credential in catalog.credentials.keys() - holdings:
            for forms, awarded in sides:
                if forms:
                    gained = catalog.with_credential(awarded, credential)
                    met = {form for subject in gained & forms.keys() for form in forms[subject]}
                    unlocked[credential] += sum(lacking[form] for form in met)
        return +unlocked

    def _lacking(self, standings: Bytes) -> dict[int, int]:
        """By form number, the remaining positions of openings for which only this form is lacking."""
        openings = np.flatnonzero(standings >= LACKS)
        forms = self._openings.required[standings[openings] - LACKS, openings]
        positions = np.zeros(len(self._openings.forms), np.int64)
        np.add.at(positions, forms, self._openings.remaining[openings])
        return {form: int(positions[form]) for form in np.flatnonzero(positions).tolist()}

    def _kinds(self, lacking: Mapping[int, int]) -> dict[bool, list[tuple[int, frozenset[str]]]]:
        kinds: dict[bool, list[tuple[int, frozenset[str]]]] = {False: [], True: []}
        for number in lacking:
            form = self._openings.forms[number]
            kinds[form.verified_only].append((number, form.subjects))
        return kinds


def _by_subject(forms: list[tuple[int, frozenset[str]]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, subjects in forms:
        for subject in subjects:
            found[subject].append(number)
    return found
