"""The running counts behind a region's cells (MARKET.md section 12)."""

from collections import Counter
from collections.abc import Mapping

from matching.domain.cells.measuring import employer_share_of, tightness_of
from matching.domain.cells.shortage_cell import CellMeasure
from matching.domain.market.subjects import MarketCohort, MarketOpening
from matching.domain.rules.profile import Rules

_NONE: frozenset[str] = frozenset()
_NOBODY: Mapping[str, int] = {}


class CellCounts:
    """Counts by subject of one region, kept by adding and taking away; `touched` names the subjects that changed.

    Subjects that no opening requires are counted too: they may be required tomorrow.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        self.touched: set[str] = set()
        self._demand: Counter[str] = Counter()
        self._openings: Counter[str] = Counter()
        self._openings_by_employer: dict[str, Counter[str]] = {}
        self._demand_by_employer: dict[str, Counter[str]] = {}
        self._supply: Counter[str] = Counter()
        self._supply_home: Counter[str] = Counter()
        self._in_training: Counter[str] = Counter()
        self._seats: Counter[str] = Counter()
        self._blocked: Counter[str] = Counter()

    def add_opening(self, opening: MarketOpening, demand: Mapping[str, int]) -> None:
        """Count a live opening with its demand by subject."""
        for subject, thousandths in demand.items():
            self._demand[subject] += thousandths
            self._openings[subject] += 1
            self._openings_by_employer.setdefault(subject, Counter())[opening.employer_id] += 1
            self._demand_by_employer.setdefault(subject, Counter())[opening.employer_id] += thousandths
        self.touched.update(demand)

    def drop_opening(self, opening: MarketOpening, demand: Mapping[str, int]) -> None:
        """Take away what `add_opening` counted."""
        for subject, thousandths in demand.items():
            self._demand[subject] -= thousandths
            self._openings[subject] -= 1
            openings, asked = self._openings_by_employer[subject], self._demand_by_employer[subject]
            openings[opening.employer_id] -= 1
            asked[opening.employer_id] -= thousandths
            if not openings[opening.employer_id]:
                del openings[opening.employer_id], asked[opening.employer_id]
            if not self._openings[subject]:
                del self._openings[subject], self._openings_by_employer[subject]
                del self._demand[subject], self._demand_by_employer[subject]
        self.touched.update(demand)

    def replace_blocked(self, old: Mapping[str, int], new: Mapping[str, int]) -> None:
        """Count what one opening blocks now instead of what it blocked before."""
        if old == new:
            return
        for subject in old.keys() | new.keys():
            if change := new.get(subject, 0) - old.get(subject, 0):
                self._blocked[subject] += change
                self.touched.add(subject)

    def add_people(self, supply: frozenset[str], training: frozenset[str], home: bool, number: int = 1) -> None:
        """Count `number` learners who hold `supply`, would gain `training`, and live in the region or not."""
        for subject in supply:
            self._supply[subject] += number
            self._supply_home[subject] += number if home else 0
        for subject in training:
            self._in_training[subject] += number
        self.touched |= supply | training

    def forget_people(self) -> None:
        """Forget all people."""
        for counts in (self._supply, self._supply_home, self._in_training):
            self.touched.update(counts)
            counts.clear()

    def replace_people(self, old: frozenset[str], new: frozenset[str], was_home: bool, is_home: bool) -> None:
        """Count one learner's supply as it is instead of as it was."""
        self._shift(self._supply, old, new)
        self._shift(self._supply_home, old if was_home else _NONE, new if is_home else _NONE)

    def replace_training(self, old: frozenset[str], new: frozenset[str]) -> None:
        """Count what one learner would gain as it is instead of as it was."""
        self._shift(self._in_training, old, new)

    def replace_seats(self, old: Mapping[str, int], new: Mapping[str, int]) -> None:
        """Count the open seats of one cohort by subject as they are instead of as they were."""
        for subject in old.keys() | new.keys():
            self._seats[subject] += new.get(subject, 0) - old.get(subject, 0)
            self.touched.add(subject)

    def has(self, subject: str) -> bool:
        """Whether the region has a cell of this subject: a live opening requires it."""
        return self._openings[subject] > 0

    def subjects(self) -> list[str]:
        """The subjects of the region's cells, sorted."""
        return sorted(subject for subject, count in self._openings.items() if count)

    def measure(self, subject: str, rules: Rules) -> CellMeasure:
        """The components of a cell; without an opening, those of supply alone."""
        demand, supply = self._demand[subject], self._supply[subject]
        pipeline = self._in_training[subject] + self._seats[subject]
        by_employer = self._demand_by_employer.get(subject, _NOBODY)
        return CellMeasure(
            demand=demand,
            openings=self._openings[subject],
            employers=len(by_employer),
            supply=supply,
            supply_home=self._supply_home[subject],
            pipeline=pipeline,
            blocked=self._blocked[subject],
            tightness=tightness_of(demand, supply, rules.policy),
            employer_share=employer_share_of(max(by_employer.values(), default=0), demand),
            tightness_ahead=tightness_of(demand, supply + pipeline, rules.policy),
            top_credentials=rules.catalog.providers(subject)[: rules.policy.top_credentials],
        )

    def _shift(self, counts: Counter[str], old: frozenset[str], new: frozenset[str]) -> None:
        if old == new:
            return
        for subject in old - new:
            counts[subject] -= 1
        for subject in new - old:
            counts[subject] += 1
        self.touched |= old ^ new


def seats_of(cohort: MarketCohort, rules: Rules) -> dict[str, int]:
    """The open seats that a cohort adds to the pipeline of each subject that its credential provides."""
    if not cohort.open_seats or not cohort.ends_within(rules.day, rules.pipeline_end):
        return {}
    return dict.fromkeys(rules.catalog.provides(cohort.credential), cohort.open_seats)
