"""The matching service's consumers: the market of each partition number, and the catalog."""

import asyncio
import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from msgspec import Raw
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import CATALOG, COHORT, LEARNER, OPENING
from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, Consumer, Known
from makersync.effects.fence import Hold, Standing
from makersync.effects.outbox import Outbox
from makersync.effects.reading import Reading, Received
from makersync.runtime.service import Context
from makersync.store.database import Row, Store, upsert
from matching.adapters.documents import match_document
from matching.adapters.events import match_event, signal_event
from matching.adapters.history import keep_history
from matching.adapters.indicator_book import carried_indicators
from matching.adapters.loading import RegionRows, stored_regions
from matching.adapters.market_view import MARKET_CONSUMER, NO_POLICY
from matching.adapters.pathways import pathway_event, save_pathways, stored_pathways
from matching.adapters.readers import (
    CATALOG_READER,
    COHORT_READER,
    LEARNER_READER,
    OPENING_READER,
)
from matching.adapters.regions import Floors, save_floors, stored_floors
from matching.adapters.repository import save_outcome, taken_of
from matching.adapters.rules_copy import CATALOG_CONSUMER, RulesCopy
from matching.adapters.tables import CatalogRow
from matching.application.partition_market import BatchOutcome, PartitionMarket, RuleSet
from matching.application.partition_pathways import PacedMoment, PartitionPathways, ToldPathway
from reference.places import load_places

SUBJECT_KINDS = {OPENING.name: "opening", LEARNER.name: "learner", COHORT.name: "cohort"}
OWNED_BY = {"opening": "employer_id", "learner": "provider_id", "cohort": "provider_id"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A settled batch, ready to be written: `documents` of its matches, the `pathways` refreshed with it, what is `told` of
    both, the `floors` that rose with it, what it stands on."""

    outcome: BatchOutcome
    documents: Sequence[Raw]
    pathways: Sequence[ToldPathway]
    told: Sequence[Row]
    floors: Mapping[str, Floors]
    standing: Standing


class RegionWork:
    """One partition number: keeps its markets in memory, settles each batch, writes the differences."""

    def __init__(self, number: int, rules: RulesCopy, clock: Clock, outbox: Outbox) -> None:
        self._number, self._rules, self._clock, self._outbox = number, rules, clock, outbox
        self._market: PartitionMarket | None = None
        self._is_frozen = False
        self._pathways = PartitionPathways({}, clock.monotonic())
        self._epoch = 0
        self._floors: dict[str, Floors] = {}

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        self._epoch = hold.epoch
        # What was dropped after an error may hang on the error's frames: there is no room for it beside what is loaded.
        await asyncio.to_thread(gc.collect)
        rules = await self._rules.look(at_once=True)
        day = hold.standing.day or self._clock.today()
        market = PartitionMarket((), rules, day, load_places())
        is_current = self._stands_on(rules, day) == hold.standing
        self._floors = await stored_floors(session, self._number)
        async for rows in stored_regions(session, self._number, self._floors):
            await asyncio.to_thread(_admit, market, rows, day, is_current)
        self._market = market
        told = await stored_pathways(session, self._number)
        await session.rollback()
        floors = {region: each.pathway for region, each in self._floors.items()}
        self._pathways = await asyncio.to_thread(PartitionPathways, told, self._clock.monotonic(), floors)

    def due(self, standing: Standing) -> bool:
        market = self._loaded
        if self._rules.epoch_of(self._number) > self._epoch:
            # An operator has set its day, or another had it for a while, who may have left much for later: to write is to be
            # told so, and to load anew.
            return True
        if market.unsettled or self._stands_on(self._rules.rules, max(market.day, self._clock.today())) != standing:
            return True
        return self._pathways.due(self._clock.monotonic(), market.rules.policy)

    async def known(self, store: Store, batch: Batch) -> Sequence[Known]:
        return [self._known(each) for each in batch]

    def _known(self, received: Received[Reading]) -> Known:
        event, kind = received.event, SUBJECT_KINDS[received.record.topic]
        version, owner = self._loaded.known(kind, event.partitionkey, event.subject)
        return Known(version, {} if owner is None else {OWNED_BY[kind]: owner})

    async def prepare(self, batch: Batch, behind: int = 0) -> Prepared:
        rules, today = await self._rules.look(), self._clock.today()
        return await asyncio.to_thread(self._settle, batch, rules, today, behind)

    def _settle(self, batch: Batch, rules: RuleSet, today: date, behind: int) -> Prepared:
        outcome = self._loaded.apply([taken_of(received) for received in batch], rules, today, behind)
        documents = [match_document(told) for told in outcome.matches]
        events = [match_event(told, document) for told, document in zip(outcome.matches, documents, strict=True)]
        if not self._is_frozen:
            # What is loaded and counted stays: no collection need look at it again. What is garbage by now must not stay too.
            gc.collect()
            gc.freeze()
            self._is_frozen = not self._loaded.unsettled
        now = PacedMoment(self._clock.now(), self._clock.monotonic())
        pathways = self._pathways.refresh(self._loaded, outcome.taken, now)
        events += [pathway_event(told) for told in pathways]
        return Prepared(outcome, documents, pathways, self._outbox.rows(events), self._risen_floors(), self._standing())

    def _risen_floors(self) -> Mapping[str, Floors]:
        """Those of new regions too. What is not committed is thrown away with this object."""
        matches, pathways = self._loaded.match_floors(), self._pathways.floors()
        now = {region: Floors(floor, pathways.get(region, 0)) for region, floor in matches.items()}
        risen = {region: floors for region, floors in now.items() if self._floors.get(region) != floors}
        self._floors |= risen
        return risen

    async def write(self, session: AsyncSession, prepared: Prepared, standing: Standing) -> Standing:
        outcome = prepared.outcome
        await save_outcome(session, self._number, outcome, prepared.documents)
        await save_pathways(session, self._number, prepared.pathways)
        await save_floors(session, self._number, prepared.floors)
        await keep_history(session, self._number, outcome, self._clock)
        carried = await carried_indicators(session, outcome.signals, self._loaded.rules.catalog)
        signals = [signal_event(told, carried.get((told.signal.region, told.signal.subject))) for told in outcome.signals]
        await self._outbox.write(session, [*prepared.told, *self._outbox.rows(signals)])
        return prepared.standing

    @property
    def _loaded(self) -> PartitionMarket:
        assert self._market is not None
        return self._market

    def _stands_on(self, rules: RuleSet, day: date) -> Standing:
        return Standing(rules.catalog_offset, day, rules.policy.version)

    def _standing(self) -> Standing:
        """What is stored stands on no policy until every region is settled: whoever loads it then asks everything again."""
        market = self._loaded
        standing = self._stands_on(market.rules, market.day)
        return replace(standing, policy_version=NO_POLICY) if market.unsettled else standing


def _admit(market: PartitionMarket, rows: RegionRows, day: date, is_current: bool) -> None:
    stored = rows.understood(day)
    market.admit(stored.state, stored.parties, is_current)


class RulesWork:
    """Writes the catalog's definitions; the markets look at the offsets and at the count that this moves: a definition that is
    read once more moves the count alone."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        return None

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[Known]:
        subjects = {received.event.subject for received in batch}
        query = select(CatalogRow.subject, CatalogRow.version).where(col(CatalogRow.subject).in_(subjects))
        async with store.reading() as session:
            versions = dict((await session.exec(query)).all())
        return [Known(versions.get(received.event.subject, 0)) for received in batch]

    async def prepare(self, batch: Batch, behind: int = 0) -> list[dict[str, Any]]:
        events = [received.event for received in batch]
        return [{"subject": each.subject, "version": each.version, "document": each.data} for each in events]

    async def write(self, session: AsyncSession, prepared: list[dict[str, Any]], standing: Standing) -> Standing:
        await upsert(session, CatalogRow, prepared, ["subject"], newer_by="version")
        return replace(standing, catalog_offset=standing.catalog_offset + len(prepared))


def consumers(context: Context, rules: RulesCopy) -> list[Consumer]:
    """The catalog first: a market that is taken before the catalog has been read in full would propose and withdraw."""
    catalog = Consumer(CATALOG_CONSUMER, {CATALOG.name: CATALOG_READER}, lambda _number: RulesWork())
    market = Consumer(
        MARKET_CONSUMER,
        {OPENING.name: OPENING_READER, LEARNER.name: LEARNER_READER, COHORT.name: COHORT_READER},
        partial(RegionWork, rules=rules, clock=context.clock, outbox=context.outbox),
        after=catalog,
        publishes=True,
    )
    return [catalog, market]
