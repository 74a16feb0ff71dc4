"""The markets of one partition number: takes what happened, settles, and says what to store and to publish."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from makersync.envelope import Envelope, SealedEvent
from matching.domain.cells.shortage_cell import CellRecord, Signal
from matching.domain.indicators.history import DayEnd
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketCohort, MarketLearner, MarketOpening
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import Ending, RegionState, Settlement
from matching.domain.rules.gates import unknown_gates
from matching.domain.rules.matches import MatchChange
from reference.places import Places


@dataclass(frozen=True, slots=True)
class TakenSubject:
    """The newest state of a subject in a region, or its end there (`subject` None), and the event that brought it."""

    kind: str
    region: str
    subject_id: str
    version: int
    cause: SealedEvent
    subject: MarketOpening | MarketLearner | MarketCohort | None = None
    ending: Ending = Ending.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Parties:
    """The employer and the provider of a match."""

    employer_id: str
    provider_id: str


@dataclass(frozen=True, slots=True)
class MatchAnnouncement:
    """A match change with what its event adds: the parties, the gates that are unknown, and the event that caused it."""

    region: str
    change: MatchChange
    parties: Parties
    unknown: tuple[str, ...]
    cause: Envelope | None


@dataclass(frozen=True, slots=True)
class SignalAnnouncement:
    signal: Signal
    previous_level: str | None
    cause: Envelope | None


@dataclass(slots=True)
class BatchOutcome:
    """What follows from a batch. `taken` are the subjects that were new, newest last; `ended` is the day that ended, if any."""

    taken: list[TakenSubject] = field(default_factory=list)
    matches: list[MatchAnnouncement] = field(default_factory=list)
    signals: list[SignalAnnouncement] = field(default_factory=list)
    cells: list[CellRecord] = field(default_factory=list)
    ended: DayEnd | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The catalog and policy to evaluate by, with the catalog's offset: how many definitions were ever written."""

    catalog: MarketCatalog
    catalog_offset: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class BacklogLimit:
    """While more than `backlog` records wait, batches are taken and not settled, so that only the net difference of many
    changes is published. This lasts for `longest` records at most; `most_held` learners are kept as objects meanwhile.

    Regions are settled until `most_changed` matches have changed, and the others with the next batch.
    """

    backlog: int = 5000
    longest: int = 500_000
    most_held: int = 10_000
    most_changed: int = 20_000


BACKLOG_LIMIT = BacklogLimit()


class PartitionMarket:
    """Pure state without I/O or clock. After a failure between `apply` and the commit it must be rebuilt from what is stored.

    `unsettled` are the regions whose results do not include everything that was taken.
    """

    def __init__(
        self,
        states: Iterable[RegionState],
        rules: RuleSet,
        day: date,
        places: Places,
    ) -> None:
        self._rules, self._day, self._places = rules, day, places
        self._markets: dict[str, RegionMarket] = {}
        self._strangers: dict[tuple[str, str], Parties] = {}
        self._left: dict[str, str] = {}
        self._causes: dict[str, Envelope] = {}
        self._held_back = 0
        self.unsettled: set[str] = set()
        for state in states:
            self.admit(state, {})

    @property
    def rules(self) -> RuleSet:
        return self._rules

    @property
    def day(self) -> date:
        return self._day

    @property
    def markets(self) -> Mapping[str, RegionMarket]:
        """By region."""
        return self._markets

    def match_floors(self) -> dict[str, int]:
        """By region, the version above which pairs continue whose own versions were forgotten."""
        return {region: market.match_floor for region, market in self._markets.items()}

    def admit(self, state: RegionState, strangers: Mapping[tuple[str, str], Parties], is_current: bool = False) -> None:
        """Take a region as it was stored. `strangers` are the parties of live matches whose subjects are not stored;
        `is_current` means that what is stored was evaluated by these rules on this day."""
        rules = self._rules
        self._markets[state.region] = RegionMarket(state, rules.catalog, rules.policy, self._places, is_current)
        self._strangers |= strangers
        self.unsettled.add(state.region)

    def apply(self, batch: Sequence[TakenSubject], rules: RuleSet, today: date, behind: int = 0) -> BatchOutcome:
        """Take the batch, the rules and the date, and settle, unless far `behind`: then regions are left `unsettled`.

        A date that went back is ignored, because results only move forward.
        """
        outcome = BatchOutcome()
        for taken in batch:
            if self._take(taken):
                self._note(taken)
                outcome.taken.append(taken)
        if self._holds_back(len(batch), behind):
            self._make_room(outcome)
            return outcome
        self._adopt(rules)
        self._settle(outcome, BACKLOG_LIMIT.most_changed)
        if today > self._day and not self.unsettled:
            outcome.ended = DayEnd(self._day, tuple(cell for _, each in sorted(self._markets.items()) for cell in each.cells()))
            self._pass_day(today)
            self._settle(outcome)
        return outcome

    def known(self, kind: str, region: str, subject_id: str) -> tuple[int, str | None]:
        """The newest version of a subject in the region's market, and whose it is."""
        market = self._markets.get(region)
        return (0, None) if market is None else market.known(kind, subject_id)

    def _note(self, taken: TakenSubject) -> None:
        self._causes[taken.subject_id] = self._causes[taken.region] = taken.cause
        self.unsettled.add(taken.region)

    def _holds_back(self, count: int, behind: int) -> bool:
        """Whether what waits should be settled together with what is still to be read."""
        self._held_back += count
        return behind > BACKLOG_LIMIT.backlog and self._held_back < BACKLOG_LIMIT.longest

    def _make_room(self, outcome: BatchOutcome) -> None:
        """When too many learners wait, absorb those of regions that will be recounted, and settle the other regions."""
        waiting = [(region, self._markets[region]) for region in sorted(self.unsettled) if self._markets[region].waiting]
        if sum(market.waiting for _, market in waiting) <= BACKLOG_LIMIT.most_held:
            return
        for region, market in waiting:
            if market.is_to_be_counted:
                market.absorb()
            else:
                self._settle_region(region, outcome)
        self._causes = {region: self._causes[region] for region in self.unsettled if region in self._causes}

    def _take(self, taken: TakenSubject) -> bool:
        market = self._market(taken.region)
        subject = taken.subject
        if isinstance(subject, MarketOpening):
            return market.put_opening(subject)
        if isinstance(subject, MarketLearner):
            return market.put_learner(subject)
        if isinstance(subject, MarketCohort):
            return market.put_cohort(subject)
        if (leaves := market.learner(taken.subject_id)) is not None:
            self._left[taken.subject_id] = leaves.provider_id
        remove: dict[str, Callable[[str, int, Ending], bool]] = {
            "learner": market.remove_learner,
            "cohort": market.remove_cohort,
        }
        return remove[taken.kind](taken.subject_id, taken.version, taken.ending)

    def _market(self, region: str) -> RegionMarket:
        if region not in self._markets:
            state = RegionState(region=region, day=self._day)
            self._markets[region] = RegionMarket(state, self._rules.catalog, self._rules.policy, self._places)
        return self._markets[region]

    def _adopt(self, rules: RuleSet) -> None:
        if rules == self._rules:
            return
        self._rules = rules
        for region, market in self._markets.items():
            changed = [market.set_catalog(rules.catalog), market.set_policy(rules.policy)]
            if any(changed):
                self.unsettled.add(region)

    def _pass_day(self, today: date) -> None:
        self._day = today
        for market in self._markets.values():
            market.set_day(today)
        self.unsettled = set(self._markets)

    def _settle(self, outcome: BatchOutcome, most_changed: int | None = None) -> None:
        """Settle region by region, until more matches than `most_changed` changed."""
        for region in sorted(self.unsettled):
            if most_changed is not None and len(outcome.matches) > most_changed:
                return
            self._settle_region(region, outcome)
        self._causes.clear()
        self._left.clear()
        self._held_back = 0

    def _settle_region(self, region: str, outcome: BatchOutcome) -> None:
        settlement = self._markets[region].settle()
        self._announce(outcome, self._markets[region], settlement, self._causes)
        self.unsettled.discard(region)

    def _announce(
        self, outcome: BatchOutcome, market: RegionMarket, settlement: Settlement, causes: Mapping[str, Envelope]
    ) -> None:
        for change in settlement.matches:
            record = change.record
            cause = causes.get(record.learner_id) or causes.get(record.opening_id) or causes.get(market.region)
            parties, unknown = self._parties_of(change), _left_open(change)
            outcome.matches.append(MatchAnnouncement(market.region, change, parties, unknown, cause))
        previous = {record.subject: record.previous_level for record in settlement.cells}
        for signal in settlement.signals:
            level = previous.get(signal.subject)
            outcome.signals.append(SignalAnnouncement(signal, level.word if level else None, causes.get(market.region)))
        outcome.cells.extend(settlement.cells)

    def _parties_of(self, change: MatchChange) -> Parties:
        """The parties as the subjects name them, or as they were remembered when a subject is not here any more."""
        pair, learner = (change.record.opening_id, change.record.learner_id), change.learner
        provider_id = self._left.get(pair[1]) if learner is None else learner.provider_id
        if change.opening is None or provider_id is None:
            return self._strangers[pair]
        return Parties(change.opening.employer_id, provider_id)


def _left_open(change: MatchChange) -> tuple[str, ...]:
    if not change.record.live or change.opening is None or change.learner is None:
        return ()
    return tuple(gate.value for gate in unknown_gates(change.opening, change.learner))
