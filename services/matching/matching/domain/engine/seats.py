"""The open seats of a region's cohorts by day (MARKET.md section 12)."""

from collections.abc import Mapping
from datetime import date

from matching.domain.cells.counts import CellCounts, seats_of
from matching.domain.market.subjects import MarketCohort
from matching.domain.rules.profile import Rules


class Seats:
    """There are few cohorts, so each is asked whether a day or a definition moves it."""

    def __init__(self, counts: CellCounts) -> None:
        self._counts = counts
        self._cohorts: dict[str, MarketCohort] = {}
        self._counted: dict[str, Mapping[str, int]] = {}
        self._stands_on: tuple[date, int] | None = None

    def update(self, changes: Mapping[str, MarketCohort | None], rules: Rules, definitions: bool) -> None:
        """Take the changed cohorts, and recount all of them when the day, the horizon or `definitions` changed."""
        for cohort_id, cohort in changes.items():
            if cohort is not None:
                self._cohorts[cohort_id] = cohort
            else:
                self._cohorts.pop(cohort_id, None)
        stands_on = (rules.day, rules.policy.pipeline_days)
        everyone = definitions or stands_on != self._stands_on
        self._stands_on = stands_on
        for cohort_id in [*self._cohorts] if everyone else changes:
            self._count(cohort_id, rules)
        for cohort_id in changes.keys() - self._cohorts.keys():
            self._count(cohort_id, rules)

    def _count(self, cohort_id: str, rules: Rules) -> None:
        cohort, before = self._cohorts.get(cohort_id), self._counted.pop(cohort_id, {})
        after = seats_of(cohort, rules) if cohort is not None else {}
        if after:
            self._counted[cohort_id] = after
        if before != after:
            self._counts.replace_seats(before, after)
