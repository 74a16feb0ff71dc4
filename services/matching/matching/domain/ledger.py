"""The running counts behind a region's cells (MARKET.md section 12)."""

from collections import Counter
from collections.abc import Mapping

from matching.domain.cells import tightness_of
from matching.domain.market import Cohort, Opening
from matching.domain.profile import Profile, Rules
from matching.domain.records import CellMeasure

_NONE: frozenset[str] = frozenset()


class CellLedger:
    """Counts by subject of one region, kept by adding and taking away; `touched` names the subjects that changed.

    Subjects that no opening requires are counted too: they may be required tomorrow.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        self.touched: set[str] = set()
        self._demand: Counter[str] = Counter()
        self._openings: Counter[str] = Counter()
        self._employers: dict[str, Counter[str]] = {}
        self._supply: Counter[str] = Counter()
        self._supply_home: Counter[str] = Counter()
        self._in_training: Counter[str] = Counter()
        self._seats: Counter[str] = Counter()
        self._blocked: Counter[str] = Counter()

    def add_opening(self, opening: Opening, demand: Mapping[str, int]) -> None:
        """Count a live opening with its demand by subject."""
        for subject, thousandths in demand.items():
            self._demand[subject] += thousandths
            self._openings[subject] += 1
            self._employers.setdefault(subject, Counter())[opening.employer_id] += 1
        self.touched.update(demand)

    def drop_opening(self, opening: Opening, demand: Mapping[str, int]) -> None:
        """Take away what `add_opening` counted."""
        for subject, thousandths in demand.items():
            self._demand[subject] -= thousandths
            self._openings[subject] -= 1
            employers = self._employers[subject]
            employers[opening.employer_id] -= 1
            if not employers[opening.employer_id]:
                del employers[opening.employer_id]
        self.touched.update(demand)

    def replace_blocked(self, old: Mapping[str, int], new: Mapping[str, int]) -> None:
        """Count what one opening blocks now instead of what it blocked before."""
        if old == new:
            return
        for subject in old.keys() | new.keys():
            if change := new.get(subject, 0) - old.get(subject, 0):
                self._blocked[subject] += change
                self.touched.add(subject)

    def replace_profile(self, old: Profile | None, new: Profile | None) -> None:
        """Count a learner's supply and training as they are instead of as they were."""
        self._shift(self._supply, _supply(old), _supply(new))
        self._shift(self._supply_home, self._home_supply(old), self._home_supply(new))
        self._shift(self._in_training, _in_training(old), _in_training(new))

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
        return CellMeasure(
            demand=demand,
            openings=self._openings[subject],
            employers=len(self._employers.get(subject, ())),
            supply=supply,
            supply_home=self._supply_home[subject],
            pipeline=self._in_training[subject] + self._seats[subject],
            blocked=self._blocked[subject],
            tightness=tightness_of(demand, supply, rules.policy),
            top_credentials=rules.catalog.providers(subject)[: rules.policy.top_credentials],
        )

    def _home_supply(self, profile: Profile | None) -> frozenset[str]:
        return _supply(profile) if profile is not None and profile.home_region == self.region else _NONE

    def _shift(self, counts: Counter[str], old: frozenset[str], new: frozenset[str]) -> None:
        if old == new:
            return
        for subject in old - new:
            counts[subject] -= 1
        for subject in new - old:
            counts[subject] += 1
        self.touched |= old ^ new


def seats_of(cohort: Cohort, rules: Rules) -> dict[str, int]:
    """The open seats that a cohort adds to the pipeline of each subject that its credential provides."""
    if not cohort.open_seats or not cohort.ends_within(rules.day, rules.pipeline_end):
        return {}
    return dict.fromkeys(rules.catalog.provides(cohort.credential), cohort.open_seats)


def _supply(profile: Profile | None) -> frozenset[str]:
    return profile.supply if profile is not None else _NONE


def _in_training(profile: Profile | None) -> frozenset[str]:
    return profile.in_training if profile is not None else _NONE
