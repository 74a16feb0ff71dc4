"""The engine of one region: applies differences and keeps counts, shortlists and cells current (MARKET.md sections 5-9, 12)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.domain.cells.counts import CellCounts
from matching.domain.cells.measuring import demand_of
from matching.domain.engine.arrays import Array
from matching.domain.engine.blocking import Blocking
from matching.domain.engine.learner_count import LearnerCount
from matching.domain.engine.learner_index import LearnerIndex
from matching.domain.engine.learner_side import LearnerSide
from matching.domain.engine.learner_table import LearnerTable, Trait
from matching.domain.engine.live_openings import LiveOpenings
from matching.domain.engine.moving import Move, Moving
from matching.domain.engine.near_misses import NearMisses
from matching.domain.engine.opening_side import OpeningSide
from matching.domain.engine.opening_table import OpeningTable
from matching.domain.engine.people_count import PeopleCount
from matching.domain.engine.seats import Seats
from matching.domain.engine.shortlist_buffers import ShortlistBuffers
from matching.domain.engine.skills import SkillSets
from matching.domain.market.subjects import MarketCohort, MarketLearner, MarketOpening
from matching.domain.pathways.unlocking import Unlocked
from matching.domain.reach.counting import OpeningCounts
from matching.domain.rules.profile import Rules
from matching.domain.rules.shortlist import shortlist_size

MOVES_PER_COUNT = 8
"""Counting an opening from the bitmaps costs as much as moving this many learners."""
LONGEST_LOG = 65_536
FEWEST_NUMBERS = 4096
"""Below this many numbers of forms, places and the like it is not worth asking which are still in use."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since the last update; None for a subject that has ended."""

    learners: Mapping[str, MarketLearner | None] = field(default_factory=dict)
    openings: Mapping[str, MarketOpening | None] = field(default_factory=dict)
    cohorts: Mapping[str, MarketCohort | None] = field(default_factory=dict)


class RegionEngine:
    """`update` brings everything up to the rules; between updates nothing moves.

    `moved_learners` and `moved_openings` are those that the last update looked at, `regrouped` the openings that ask for
    something else; `stayed` are the openings (by slot) in whose buffers a moved learner kept the place.
    """

    def __init__(self, region: str, rules: Rules) -> None:
        self.rules = rules
        self.counts = CellCounts(region)
        self._skills = SkillSets(rules.catalog)
        self.learners = LearnerTable(region, self._skills)
        self.openings = OpeningTable()
        self._index = LearnerIndex(self.learners, self.openings, self._skills, rules.places)
        self._rows = LearnerSide(self.learners, self.openings, self._index, self._skills)
        self._side = OpeningSide(self.learners, self.openings, self._index, self._skills)
        self._people = PeopleCount(self.counts, self._skills)
        self._seats = Seats(self.counts)
        self._reach = LearnerCount(self.learners, self.openings, self._index.coverage, self._skills)
        self._near_misses = NearMisses(self.openings, self._skills)
        self._blocking = Blocking(self.counts, self.openings)
        self._moving = Moving(self.learners, self.openings, self._index, self._rows, self._people, self._blocking)
        self._live = LiveOpenings()
        self.buffers = ShortlistBuffers(self.learners.ids)
        self.moved_learners: set[str] = set()
        self.moved_openings: set[str] = set()
        self.regrouped: set[str] = set()
        self.stayed: list[tuple[int, str]] = []
        self._is_uncounted = False
        self._tidied_at = FEWEST_NUMBERS

    def load(self, learners: Iterable[MarketLearner]) -> None:
        """Take stored learners before the first update, which then counts everything."""
        for learner in learners:
            self.learners.put(learner, self.rules)

    def absorb(self, learners: Mapping[str, MarketLearner | None]) -> None:
        """Take learners into the table alone; the next update counts everything, and until then only the table is current."""
        self._is_uncounted = True
        for learner_id, learner in learners.items():
            self._register(learner_id, learner)

    def update(self, changes: Changes, rules: Rules, recount: bool = False) -> None:
        """Apply what happened, the rules and the date."""
        self.moved_learners, self.moved_openings = set(changes.learners), set(changes.openings)
        self.regrouped, self.stayed = set(), []
        is_redefined = rules.catalog is not self.rules.catalog
        affected = self._skills.affected(rules.catalog) if is_redefined else []
        due: list[int] = []
        if rules.day != self.rules.day:
            due = self._due_learners(rules)
            self._close_due(rules)
        people = self._people_of(affected)
        moves = len(changes.learners) + len(due) + 2 * len(people)
        is_much = moves > 1000 + MOVES_PER_COUNT * len(self.openings.slots)
        if recount or is_much or self._is_uncounted or rules.policy != self.rules.policy:
            self._count_all(changes, rules, affected, due)
        else:
            self._move_all(changes, rules, affected, people, due)
        # A cohort may train for a credential that no learner has, which therefore affects nobody.
        self._seats.update(changes.cohorts, self.rules, is_redefined)
        self._blocking.recount()
        self._tidy()

    def listed(self, slot: int) -> list[str]:
        """The learner ids of the shortlist of an opening slot, best first."""
        return [self.learners.ids[person] for person in self.buffers.listed(slot)]

    def qualifies(self, learner_id: str, opening_id: str) -> bool:
        """Whether a learner qualifies for a live opening, on the shortlist or not."""
        slot, person = self.openings.slots.get(opening_id), self.learners.slot(learner_id)
        return slot is not None and person is not None and self._rows.qualifies(self.learners.traits(person), slot)

    def unlocked(self, learner_id: str) -> tuple[Unlocked, ...]:
        """What each credential would unlock for a learner in this region, by credential id (section 11)."""
        slot = self.learners.slot(learner_id)
        if slot is None or not (traits := self.learners.traits(slot)).participates:
            return ()
        [standings] = self._rows.standings([traits])
        return self._near_misses.unlocked(standings, traits.held, traits.verified, self.rules.catalog)

    def count_learners(self, opening: MarketOpening) -> OpeningCounts:
        """How many learners an opening reaches (section 15), live or not; nothing is changed by asking."""
        return self._reach.count(opening)

    def count_steps(self, opening: MarketOpening) -> int:
        """About how much there is to do to count for an opening that is not live."""
        return self._reach.steps(opening)

    # What happens to everybody.

    def _count_all(self, changes: Changes, rules: Rules, affected: list[int], due: list[int]) -> None:
        every_learner = rules.policy.pipeline_days != self.rules.policy.pipeline_days
        self.rules = rules
        self._skills.change_catalog(rules.catalog, affected)
        self._rows.forget()
        self._index.forget()
        for learner_id, learner in changes.learners.items():
            self._register(learner_id, learner)
        again = [self.learners.slot(learner_id) for learner_id in self.learners] if every_learner else due
        for slot in again:
            if slot is not None and self.learners.ids[slot]:
                self.learners.derive_again(slot, rules)
        self._people.count_all(self.learners)
        for opening_id in [*self.openings.slots]:
            self._close(opening_id)
        for opening_id, opening in changes.openings.items():
            self._know(opening_id, opening)
        # The buffers remember how often each learner is in one, and the slots of those who left are used again.
        self.buffers = ShortlistBuffers(self.learners.ids)
        for opening in self._live:
            self._open(opening)
        self._is_uncounted = False

    def _register(self, learner_id: str, learner: MarketLearner | None) -> None:
        if learner is not None:
            self.learners.put(learner, self.rules)
        elif self.learners.slot(learner_id) is not None:
            self.learners.remove(learner_id)

    # What happens to some.

    def _move_all(self, changes: Changes, rules: Rules, affected: list[int], people: list[int], due: list[int]) -> None:
        traits = [(slot, self.learners.traits(slot)) for slot in people]
        self._move([Move(slot, each, None) for slot, each in traits])
        self._skills.change_catalog(rules.catalog, affected)
        self._rows.forget_skills(affected)
        self.rules = rules
        self._move([Move(slot, None, each) for slot, each in traits])
        for opening_id, opening in changes.openings.items():
            if opening_id in self.openings.slots:
                self._close(opening_id)
            self._know(opening_id, opening)
        self._move([self._derive_again(slot) for slot in due])
        self._remove([learner_id for learner_id, learner in changes.learners.items() if learner is None])
        self._move([self._put(learner) for learner in changes.learners.values() if learner is not None])
        for opening_id in changes.openings:
            if (known := self._live.get(opening_id)) is not None:
                self._open(known)
        for slot in sorted(self.buffers.short):
            self._fill(slot)

    def _derive_again(self, slot: int) -> Move:
        before = self.learners.traits(slot)
        self.learners.derive_again(slot, self.rules)
        return Move(slot, before, self.learners.traits(slot))

    def _put(self, learner: MarketLearner) -> Move:
        known = self.learners.slot(learner.learner_id)
        before = None if known is None else self.learners.traits(known)
        slot = self.learners.put(learner, self.rules)
        return Move(slot, before, self.learners.traits(slot))

    def _remove(self, learner_ids: Iterable[str]) -> None:
        """Call it before new learners are put, who may take the slots of those removed."""
        slots = {each: slot for each in learner_ids if (slot := self.learners.slot(each)) is not None}
        self._move([Move(slot, self.learners.traits(slot), None) for slot in slots.values()])
        for learner_id in slots:
            self.learners.remove(learner_id)

    def _move(self, moves: Sequence[Move]) -> None:
        self.stayed += self._moving.move(moves, self.buffers, self.rules.policy)

    # Openings.

    def _know(self, opening_id: str, opening: MarketOpening | None) -> None:
        old = self._live.put(opening_id, opening, self.rules.day)
        if old is not None and opening is not None and old.groups != opening.groups:
            self.regrouped.add(opening_id)

    def _close_due(self, rules: Rules) -> None:
        closed = self._live.take_closed(rules.day)
        for opening_id in closed:
            if opening_id in self.openings.slots:
                self._close(opening_id)
        self.moved_openings.update(closed)
        # An opening that expired may come back in the same update, with a later date and other groups.
        self.regrouped.update(closed)

    def _open(self, opening: MarketOpening) -> None:
        slot = self.openings.open(opening, self.rules.policy)
        self.buffers.open(slot, shortlist_size(opening, self.rules.policy))
        self._fill(slot)
        self.counts.add_opening(opening, demand_of(opening, self.openings.asked[slot]))

    def _close(self, opening_id: str) -> None:
        slot = self.openings.slots[opening_id]
        opening = self.openings.opening(slot)
        self.buffers.close(slot)
        self._blocking.drop(slot)
        self.counts.drop_opening(opening, demand_of(opening, self.openings.asked[slot]))
        self.openings.close(opening_id)

    def _fill(self, slot: int) -> None:
        qualified = self._side.count(slot)
        people, keys = self._side.ranked(slot, qualified, self.rules.policy)
        self.buffers.fill(slot, people, keys)
        self._blocking.touch(np.array([slot]))

    # Who is concerned.

    def _due_learners(self, rules: Rules) -> list[int]:
        due = self.learners.calendar.take(rules.day.toordinal())
        self.moved_learners.update(self.learners.ids[slot] for slot in due)
        return due

    def _people_of(self, numbers: list[int]) -> list[int]:
        """The slots of learners with one of these skill sets."""
        if not numbers:
            return []
        concerned = np.zeros(len(self._skills), np.bool_)
        concerned[numbers] = True
        columns = (self.learners.column(trait) for trait in (Trait.HELD, Trait.VERIFIED, Trait.EXPECTED))
        found: Array = np.flatnonzero(np.logical_or.reduce([concerned[column] for column in columns]))
        slots = [slot for slot in found.tolist() if self.learners.ids[slot]]
        self.moved_learners.update(self.learners.ids[slot] for slot in slots)
        return slots

    def _tidy(self) -> None:
        if len(self.openings.log) > LONGEST_LOG:
            self.openings.log.clear()
            self._rows.forget()
        if self.openings.numbers + self.learners.numbers > self._tidied_at:
            self._renumber()

    def _renumber(self) -> None:
        """Forget what only closed openings asked for, and skill sets and places that no learner has any more. `_tidy` calls it
        when these may be half of all that have a number."""
        self.openings.renumber()
        self.learners.renumber()
        self._index.coverage.forget()
        self._index.forget()
        self._rows.forget()
        self._near_misses.forget()
        self._tidied_at = max(FEWEST_NUMBERS, 2 * (self.openings.numbers + self.learners.numbers))
