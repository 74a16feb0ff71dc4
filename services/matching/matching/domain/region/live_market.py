"""The live market of one region (MARKET.md sections 9 to 13): put what happened, then settle the differences."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from matching.domain.cells.levels import CellLevels
from matching.domain.cells.measuring import level_ahead_of
from matching.domain.cells.shortage_cell import Cell
from matching.domain.engine.region_engine import Changes, RegionEngine
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketCohort, MarketLearner, MarketOpening
from matching.domain.pathways.unlocking import Unlocked
from matching.domain.reach.counting import OpeningCounts
from matching.domain.region.learner_versions import LearnerVersions
from matching.domain.region.match_versions import MatchVersions
from matching.domain.region.shortlisting import Shortlisting
from matching.domain.region.state import Ended, Ending, RegionState, Settlement
from matching.domain.region.subject_versions import SubjectVersions
from matching.domain.rules.matches import MatchFacts, RankedMatch
from matching.domain.rules.pairing import match_facts
from matching.domain.rules.profile import Rules, profile_of
from reference.places import Places


class WrongRegion(ValueError):
    """The subject belongs to another region; the sender must correct it."""

    def __init__(self, region: str, other: str) -> None:
        super().__init__(f"region {region!r} cannot take a subject of region {other!r}")


class RegionMarket:
    """All state of one region in memory; `put_*`, `remove_*` and `set_*` note what happened, `settle` evaluates it.

    Every method that takes a version ignores one that is not newer than what the market has, and returns False.
    When it is built from stored state, everything counts as touched: the first `settle` is empty unless the stored matches and
    cells are those of another day, catalog or policy. `is_current` says that they are not, and then the facts of matches are
    not computed again. Settle before `set_day`, so that yesterday ends with its own level.
    """

    def __init__(
        self, state: RegionState, catalog: MarketCatalog, policy: Policy, places: Places, is_current: bool = False
    ) -> None:
        self._region = state.region
        self._rules = Rules(catalog, policy, places, state.day)
        self._openings = SubjectVersions(
            state.openings, state.ended_openings, lambda opening: opening.opening_id, lambda opening: opening.employer_id
        )
        self._cohorts = SubjectVersions(
            state.cohorts, state.ended_cohorts, lambda cohort: cohort.cohort_id, lambda cohort: cohort.provider_id
        )
        self._engine = RegionEngine(state.region, self._rules)
        self._engine.load(state.learners)
        self._learners = LearnerVersions(self._engine.learners, state.ended_learners)
        self._openings.touch_all()
        self._cohorts.touch_all()
        self._matches = MatchVersions(state.matches, state.match_floor)
        self._cells = CellLevels(state.region, state.cells)
        self._is_new, self._is_stale = True, not is_current
        self._heard_first: set[str] = set()

    @property
    def region(self) -> str:
        """The region's id: a CBSA code, ``nonmetro-XX`` or ``remote``."""
        return self._region

    @property
    def day(self) -> date:
        """The date of the market."""
        return self._rules.day

    @property
    def policy(self) -> Policy:
        """The policy in use."""
        return self._rules.policy

    @property
    def catalog(self) -> MarketCatalog:
        """The catalog in use."""
        return self._rules.catalog

    def put_opening(self, opening: MarketOpening) -> bool:
        """Take a newer state of an opening, live or not; raises `WrongRegion` or `UnknownZip` and changes nothing."""
        self._demand_own(opening.region)
        if opening.zip is not None:
            self._rules.places.point(opening.zip)
        is_news = self._openings.put(opening)
        if is_news and self._is_new:
            self._heard_first.add(opening.opening_id)
        return is_news

    def remove_opening(self, opening_id: str, version: int, ending: Ending = Ending.WITHDRAWN) -> bool:
        """Forget all of an opening except its version; its matches are withdrawn as `opening_closed`."""
        return self._openings.remove(Ended(opening_id, version, ending))

    def put_learner(self, learner: MarketLearner) -> bool:
        """Take a newer state of a learner who reaches the region; raises `UnknownZip` and changes nothing."""
        self._rules.places.point(learner.zip)
        return self._learners.put(learner)

    def remove_learner(self, learner_id: str, version: int, ending: Ending) -> bool:
        """Forget all of a learner except the version: withdrawn from the region (no longer in reach of it) or erased."""
        return self._learners.remove(Ended(learner_id, version, ending))

    def put_cohort(self, cohort: MarketCohort) -> bool:
        """Take a newer state of a cohort of the region; raises `WrongRegion` and changes nothing."""
        self._demand_own(cohort.region)
        return self._cohorts.put(cohort)

    def remove_cohort(self, cohort_id: str, version: int, ending: Ending = Ending.WITHDRAWN) -> bool:
        """Forget all of a cohort except its version."""
        return self._cohorts.remove(Ended(cohort_id, version, ending))

    def known(self, kind: str, subject_id: str) -> tuple[int, str | None]:
        """The newest version of a subject, 0 for none, and whose it is: an opening's employer, the others' provider; None of
        one that is unknown or has ended."""
        if kind == "learner":
            learner = self._learners.get(subject_id)
            return self._learners.version(subject_id), None if learner is None else learner.provider_id
        versions = self._openings if kind == "opening" else self._cohorts
        return versions.version(subject_id), versions.owner(subject_id)

    def set_catalog(self, catalog: MarketCatalog) -> bool:
        """Use another catalog; False when it defines the same."""
        return self._change_rules(replace(self._rules, catalog=catalog))

    def set_policy(self, policy: Policy) -> bool:
        """Use another policy; False when it is the same."""
        return self._change_rules(replace(self._rules, policy=policy))

    def set_day(self, day: date) -> bool:
        """Move on to a later day; False when it is not later. The levels that held become yesterday's.

        A jump over several days makes the levels before the jump yesterday's, because days that were not settled had no levels.
        """
        if day <= self._rules.day:
            return False
        self._cells.end_day()
        return self._change_rules(replace(self._rules, day=day))

    @property
    def waiting(self) -> int:
        """How many learners' changes wait for `settle` or `absorb`."""
        return len(self._learners.staged)

    @property
    def is_to_be_counted(self) -> bool:
        """Whether the next settlement looks at everything, or should: at least as many learners wait as the engine has."""
        return self._is_new or self._is_stale or self.waiting >= len(self._engine.learners)

    def absorb(self) -> None:
        """Let the learners who wait take as little room as the others: the next settlement looks at everything."""
        self._engine.absorb(self._learners.staged)
        self._learners.forget_staged()
        self._is_stale = True

    def settle(self) -> Settlement:
        """Evaluate what was touched since the last time and return the net differences."""
        everyone = self._is_stale or self._rules.policy != self._engine.rules.policy
        all_cells = everyone or self._is_new or self._rules.catalog is not self._engine.rules.catalog
        changes = Changes(self._learners.staged, self._openings.take_touched(), self._cohorts.take_touched())
        self._engine.update(changes, self._rules, recount=self._is_new)
        # Openings put before the first settlement: the engine cannot know whether they asked for something else before.
        self._engine.regrouped |= self._heard_first
        self._heard_first = set()
        matches = Shortlisting(self._openings, self._learners, self._engine, self._matches, self._rules).settle(everyone)
        signals = self._cells.reconcile(self._engine.counts, self._touched_cells(all_cells), self._rules)
        self._matches.forget_ended()
        # An opening that is settled and looks for nobody has no match, and only a newer state can give it one.
        self._openings.rest(changes.openings, lambda opening: not opening.looks_for_people)
        self._learners.forget_staged()
        self._engine.counts.touched.clear()
        self._is_new = self._is_stale = False
        return Settlement(matches, signals, self._cells.take_changed())

    @property
    def match_floor(self) -> int:
        """The version above which pairs continue whose own versions were forgotten."""
        return self._matches.floor

    def opening(self, opening_id: str) -> MarketOpening | None:
        """The newest state of an opening, None when unknown or removed, or settled and no longer looking for people."""
        return self._openings.get(opening_id)

    def learner(self, learner_id: str) -> MarketLearner | None:
        """The newest state of a learner, None when unknown, withdrawn or erased."""
        return self._learners.get(learner_id)

    def learner_ids(self) -> Iterator[str]:
        """The ids of all learners who reach the region, in no order."""
        return self._learners.ids()

    def listed(self, opening_id: str) -> list[str]:
        """The learner ids of a shortlist as of the last settlement, best first."""
        slot = self._engine.openings.slots.get(opening_id)
        return [] if slot is None else self._engine.listed(slot)

    def shortlist(self, opening_id: str) -> tuple[RankedMatch, ...]:
        """The live matches of an opening as of the last settlement, best first."""
        ranked = enumerate(self.listed(opening_id), start=1)
        return tuple(RankedMatch(opening_id, each, rank, self._facts(opening_id, each)) for rank, each in ranked)

    def unlocked(self, learner_id: str) -> tuple[Unlocked, ...]:
        """What each credential would unlock for a learner in this region, by credential id (section 11); none if not here."""
        return self._engine.unlocked(learner_id)

    def live_openings(self) -> Iterator[str]:
        """The ids of the live openings as of the last settlement, in no order."""
        return iter(self._engine.openings.slots)

    def live_opening(self, opening_id: str) -> MarketOpening | None:
        """An opening that was live at the last settlement."""
        slot = self._engine.openings.slots.get(opening_id)
        return None if slot is None else self._engine.openings.opening(slot)

    def count_learners(self, opening: MarketOpening) -> OpeningCounts:
        """How many learners an opening reaches, live or a draft, as of the last settlement (section 15)."""
        return self._engine.count_learners(opening)

    def count_steps(self, opening: MarketOpening) -> int:
        """About how much there is to do to count for a draft, in comparisons of a learner with a gate or a group."""
        return self._engine.count_steps(opening)

    def matches(self) -> tuple[RankedMatch, ...]:
        """All live matches as of the last settlement, by opening and learner id."""
        ranked = (match for opening_id in self._engine.openings.slots for match in self.shortlist(opening_id))
        return tuple(sorted(ranked, key=lambda match: (match.opening_id, match.learner_id)))

    def cell(self, subject: str) -> Cell | None:
        """A cell as of the last settlement, None when no live opening requires the subject."""
        counts = self._engine.counts
        if not counts.has(subject):
            return None
        level, measure = self._cells.record(subject).level, counts.measure(subject, self._rules)
        return Cell(self._region, subject, level, level_ahead_of(measure, self._rules.policy), measure)

    def cells(self) -> tuple[Cell, ...]:
        """All cells as of the last settlement, by subject."""
        cells = (self.cell(subject) for subject in self._engine.counts.subjects())
        return tuple(cell for cell in cells if cell is not None)

    def state(self) -> RegionState:
        """All that a market equal to this one is rebuilt from."""
        return RegionState(
            region=self._region,
            day=self._rules.day,
            openings=self._openings.subjects(),
            ended_openings=self._openings.ended(),
            learners=self._learners.subjects(),
            ended_learners=self._learners.ended(),
            cohorts=self._cohorts.subjects(),
            ended_cohorts=self._cohorts.ended(),
            matches=tuple(self._matches.stored()),
            match_floor=self._matches.floor,
            cells=self._cells.records(),
        )

    def _facts(self, opening_id: str, learner_id: str) -> MatchFacts:
        slot = self._engine.openings.slots[opening_id]
        learner = self._engine.learners.learner(learner_id)
        assert learner is not None
        rules = self._engine.rules
        return match_facts(self._engine.openings.asked[slot], profile_of(learner, rules), rules)

    def _demand_own(self, region: str) -> None:
        if region != self._region:
            raise WrongRegion(self._region, region)

    def _change_rules(self, rules: Rules) -> bool:
        if rules == self._rules:
            return False
        self._rules = rules
        return True

    def _touched_cells(self, everyone: bool) -> set[str]:
        touched = self._engine.counts.touched | self._cells.turned
        return touched.union(self._cells.subjects(), self._engine.counts.subjects()) if everyone else touched
