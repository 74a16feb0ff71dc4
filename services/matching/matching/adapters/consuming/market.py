"""The consumer that keeps the market of each partition number."""

import asyncio
import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import COHORT, LEARNER, OPENING
from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.outbox import Outbox
from makersync.effects.reading import Reading, Received
from makersync.store.database import Store
from makersync.store.upserts import Row
from matching.adapters.cell_repository import save_cells
from matching.adapters.counting_gauges import CountingGauges
from matching.adapters.draft_repository import WaitingDrafts, note_heard
from matching.adapters.history_repository import keep_history
from matching.adapters.indicator_repository import carried_indicators
from matching.adapters.match_events import match_document, match_event
from matching.adapters.match_repository import Settled, match_rows, save_matches
from matching.adapters.partition_standing import NO_POLICY
from matching.adapters.past_writing import PastKeeper, RulesInUse
from matching.adapters.pathway_events import pathway_event
from matching.adapters.pathway_repository import save_pathways, stored_pathways
from matching.adapters.reach_events import reach_event
from matching.adapters.reach_repository import save_reach, stored_reach
from matching.adapters.region_loading import RegionRows, stored_regions
from matching.adapters.region_repository import Floors, save_floors, stored_floors
from matching.adapters.rules_copy import RulesCopy
from matching.adapters.signal_events import signal_event
from matching.adapters.subject_repository import save_subjects, taken_of
from matching.application.reaching import CountsOutcome, PartitionCounts
from matching.application.refreshing import PacedMoment, PartitionPathways, PathwayAnnouncement
from matching.application.settling import BatchOutcome, PartitionMarket, RuleSet
from matching.application.waiting_drafts import WaitingDraft
from reference.places import load_places

SUBJECT_KINDS = {OPENING.name: "opening", LEARNER.name: "learner", COHORT.name: "cohort"}

OWNED_BY = {"opening": "employer_id", "learner": "provider_id", "cohort": "provider_id"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A settled batch, ready to be written: the rows of its `matches`, the `pathways` and the `reach` refreshed with it,
    the `events` of all three, the `floors` that rose with it, the moment `at` which it is applied, and the `standing` of its
    results."""

    outcome: BatchOutcome
    matches: Sequence[Row]
    pathways: Sequence[PathwayAnnouncement]
    reach: CountsOutcome
    events: Sequence[Row]
    floors: Mapping[str, Floors]
    at: datetime
    standing: Standing


@dataclass(frozen=True, slots=True)
class Counting:
    """What the counts of whom openings reach go by: the `drafts` that wait for theirs, the `gauges` that tell how late they
    are, and how many seconds counts stay before they are looked at again."""

    drafts: WaitingDrafts
    gauges: CountingGauges
    refresh_s: float


class MarketWork:
    """Keeps the markets of one partition number in memory, settles each batch and writes the differences."""

    def __init__(
        self,
        number: int,
        rules: RulesCopy,
        counting: Counting,
        clock: Clock,
        outbox: Outbox,
        keeps_past: bool = True,
    ) -> None:
        self._number, self._rules, self._clock, self._outbox = number, rules, clock, outbox
        self._drafts, self._gauges, self._reach_refresh_s = counting.drafts, counting.gauges, counting.refresh_s
        self._market: PartitionMarket | None = None
        self._is_frozen = False
        self._pathways = PartitionPathways({}, clock.monotonic())
        self._reach = PartitionCounts({}, clock.monotonic(), counting.refresh_s)
        self._past = PastKeeper(number, clock, keeps_past)
        self._epoch = 0
        self._floors: dict[str, Floors] = {}

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        self._epoch = hold.epoch
        # The traceback of an error may keep the market before this one alive, and memory has no room for two.
        await asyncio.to_thread(gc.collect)
        rules = await self._rules.look(at_once=True)
        day = hold.standing.day or self._clock.today()
        market = PartitionMarket((), rules, day, load_places())
        is_current = self._stands_on(rules, day) == hold.standing
        self._floors = await stored_floors(session, self._number)
        async for rows in stored_regions(session, self._number, self._floors):
            await asyncio.to_thread(_admit, market, rows, day, is_current)
        self._market = market
        records, reach = await stored_pathways(session, self._number), await stored_reach(session, self._number)
        await self._past.load(session)
        await session.rollback()
        await self._drafts.look()
        floors = {region: each.pathway for region, each in self._floors.items()}
        self._pathways = await asyncio.to_thread(PartitionPathways, records, self._clock.monotonic(), floors)
        floors = {region: each.reach for region, each in self._floors.items()}
        self._reach = PartitionCounts(reach, self._clock.monotonic(), self._reach_refresh_s, floors, day)

    def due(self, standing: Standing) -> bool:
        market = self._loaded
        if self._rules.epoch_of(self._number) > self._epoch:
            # An operator has set its day, or another process owned it for a while and may have left it unsettled. The next
            # write is refused, and then everything is loaded again.
            return True
        if market.unsettled or self._stands_on(self._rules.rules, max(market.day, self._clock.today())) != standing:
            return True
        self._note_overdue()
        now = self._clock.monotonic()
        return self._pathways.due(now, market.rules.policy) or self._reach.due(now, self._drafts.of(self._number))

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        return [self._known(each) for each in batch]

    def _known(self, received: Received[Reading]) -> KnownSubject:
        event, kind = received.event, SUBJECT_KINDS[received.record.topic]
        version, owner = self._loaded.known(kind, event.partitionkey, event.subject)
        return KnownSubject(version, {} if owner is None else {OWNED_BY[kind]: owner})

    async def prepare(self, batch: Batch, behind: int = 0) -> Prepared:
        self._note_overdue()
        rules, today = await self._rules.look(), self._clock.today()
        drafts = self._drafts.of(self._number)
        return await asyncio.to_thread(self._settle, batch, rules, today, behind, drafts)

    def _settle(self, batch: Batch, rules: RuleSet, today: date, behind: int, drafts: Sequence[WaitingDraft]) -> Prepared:
        outcome = self._loaded.apply([taken_of(received) for received in batch], rules, today, behind)
        at = self._past.moment()
        documents = [match_document(each) for each in outcome.matches]
        events = [match_event(each, document) for each, document in zip(outcome.matches, documents, strict=True)]
        if not self._is_frozen:
            # What is loaded lives long, so no collection need scan it again. Garbage is collected first: frozen, it would stay.
            gc.collect()
            gc.freeze()
            self._is_frozen = not self._loaded.unsettled
        now = PacedMoment(self._clock.now(), self._clock.monotonic())
        pathways = self._pathways.refresh(self._loaded, outcome.taken, now)
        events += [pathway_event(each) for each in pathways]
        reach = self._reach.refresh(self._loaded, outcome.taken, drafts, now)
        events += [reach_event(each) for each in reach.announced]
        ended = None if outcome.ended is None else outcome.ended.day
        settled = Settled(self._number, at, self._loaded.rules.catalog_offset, ended)
        matches = match_rows(outcome.matches, documents, settled)
        rows, floors = self._outbox.rows(events), self._risen_floors()
        return Prepared(outcome, matches, pathways, reach, rows, floors, at, self._standing())

    def _note_overdue(self) -> None:
        if self._gauges.wants(self._number):
            self._gauges.note(self._number, self._reach.overdue(self._clock.monotonic()), self._reach.waiting_for_day())

    def _risen_floors(self) -> Mapping[str, Floors]:
        """The floors that rose, and those of new regions. What is not committed is thrown away with this object."""
        matches, pathways, reach = self._loaded.match_floors(), self._pathways.floors(), self._reach.floors()
        now = {region: Floors(floor, pathways.get(region, 0), reach.get(region, 0)) for region, floor in matches.items()}
        risen = {region: floors for region, floors in now.items() if self._floors.get(region) != floors}
        self._floors |= risen
        return risen

    async def write(self, session: AsyncSession, prepared: Prepared, standing: Standing) -> Standing:
        outcome = prepared.outcome
        await self._past.keep(session, outcome, prepared.matches, self._rules_in_use(), prepared.at)
        await save_subjects(session, self._number, outcome.taken, prepared.at)
        await save_matches(session, prepared.matches)
        await save_cells(session, self._number, outcome.cells)
        await save_pathways(session, self._number, prepared.pathways)
        await save_reach(session, self._number, prepared.reach.announced)
        await note_heard(session, prepared.reach.heard)
        self._gauges.count(prepared.reach)
        await save_floors(session, self._number, prepared.floors)
        await keep_history(session, self._number, outcome, self._clock)
        carried = await carried_indicators(session, outcome.signals, self._loaded.rules.catalog)
        signals = [signal_event(each, carried.get((each.signal.region, each.signal.subject))) for each in outcome.signals]
        await self._outbox.write(session, [*prepared.events, *self._outbox.rows(signals)])
        return prepared.standing

    @property
    def _loaded(self) -> PartitionMarket:
        assert self._market is not None
        return self._market

    def _stands_on(self, rules: RuleSet, day: date) -> Standing:
        return Standing(rules.catalog_offset, day, rules.policy.version)

    def _rules_in_use(self) -> RulesInUse:
        market = self._loaded
        return RulesInUse(market.rules.catalog_offset, market.rules.policy.version, market.day)

    def _standing(self) -> Standing:
        """Names no policy until every region is settled, so that a process that loads it evaluates everything again."""
        market = self._loaded
        standing = self._stands_on(market.rules, market.day)
        return replace(standing, policy_version=NO_POLICY) if market.unsettled else standing


def _admit(market: PartitionMarket, rows: RegionRows, day: date, is_current: bool) -> None:
    stored = rows.understood(day)
    market.admit(stored.state, stored.parties, is_current)
