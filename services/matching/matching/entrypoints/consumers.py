"""The matching service's consumers: the market of each partition number, and the catalog."""

import asyncio
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.contracts.topics import CATALOG, COHORT, LEARNER, OPENING
from makersync.effects.consumer_port import Batch, Consumer
from makersync.effects.fence import Hold, Standing
from makersync.effects.outbox import Outbox
from makersync.places import load_places
from makersync.runtime.service import Context
from makersync.store.database import upsert
from matching.adapters.events import match_event, signal_event
from matching.adapters.history import keep_history
from matching.adapters.indicator_book import carried_indicators
from matching.adapters.market_view import MARKET_CONSUMER
from matching.adapters.readers import (
    CATALOG_READER,
    COHORT_READER,
    LEARNER_READER,
    OPENING_READER,
)
from matching.adapters.repository import document_key, load_partition, save_outcome, taken_of
from matching.adapters.rules_copy import CATALOG_CONSUMER, RulesCopy
from matching.adapters.tables import CatalogRow
from matching.application.partition_market import Outcome, PartitionMarket, RuleSet


@dataclass(frozen=True, slots=True)
class Prepared:
    """A settled batch, ready to be written; `standing` is what the results stand on."""

    outcome: Outcome
    documents: dict[str, dict[str, Any]]
    standing: Standing


class MarketWork:
    """One partition number: keeps its markets in memory, settles each batch, writes the differences."""

    def __init__(self, number: int, rules: RulesCopy, clock: Clock, outbox: Outbox) -> None:
        self._number, self._rules, self._clock, self._outbox = number, rules, clock, outbox
        self._market: PartitionMarket | None = None

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        rules = await self._rules.look(at_once=True)
        day = hold.standing.day or self._clock.today()
        stored = await load_partition(session, self._number, day)
        self._market = PartitionMarket(stored.states, stored.parties, rules, day, load_places())

    def due(self, standing: Standing) -> bool:
        market = self._loaded
        return bool(market.unsettled) or self._stands_on(self._rules.rules, max(market.day, self._clock.today())) != standing

    async def prepare(self, batch: Batch) -> Prepared:
        rules, today = await self._rules.look(), self._clock.today()
        taken = [taken_of(received) for received in batch]
        outcome = await asyncio.to_thread(self._loaded.apply, taken, rules, today)
        return Prepared(outcome, _documents(batch), self._stands_on(rules, self._loaded.day))

    async def write(self, session: AsyncSession, prepared: Prepared, standing: Standing) -> Standing:
        outcome = prepared.outcome
        await save_outcome(session, self._number, outcome, prepared.documents)
        await keep_history(session, self._number, outcome, self._clock)
        carried = await carried_indicators(session, outcome.signals, self._loaded.rules.catalog)
        signals = [signal_event(told, carried.get((told.signal.region, told.signal.subject))) for told in outcome.signals]
        events = [match_event(told) for told in outcome.matches] + signals
        await self._outbox.record(session, events)
        return prepared.standing

    @property
    def _loaded(self) -> PartitionMarket:
        assert self._market is not None
        return self._market

    def _stands_on(self, rules: RuleSet, day: date) -> Standing:
        return Standing(rules.catalog_offset, day, rules.policy.version)


def _documents(batch: Batch) -> dict[str, dict[str, Any]]:
    """The newest state of each subject in the batch, as it is stored."""
    newest: dict[str, tuple[int, dict[str, Any]]] = {}
    for received in batch:
        taken = taken_of(received)
        if taken.version > newest.get(document_key(taken), (0, {}))[0]:
            newest[document_key(taken)] = (taken.version, received.data.model_dump(mode="json", exclude_none=True))
    return {key: document for key, (_, document) in newest.items()}


class CatalogWork:
    """Writes the catalog's definitions; the markets look at the offset that this moves."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        return None

    def due(self, standing: Standing) -> bool:
        return False

    async def prepare(self, batch: Batch) -> list[dict[str, Any]]:
        rows = [
            {
                "subject": received.event.subject,
                "version": received.event.version,
                "document": received.data.model_dump(mode="json", exclude_none=True),
            }
            for received in batch
        ]
        return sorted(rows, key=lambda row: row["version"])

    async def write(self, session: AsyncSession, prepared: list[dict[str, Any]], standing: Standing) -> Standing:
        await upsert(session, CatalogRow, prepared, ["subject"], newer_by="version")
        return standing


def consumers(context: Context, rules: RulesCopy) -> list[Consumer]:
    """The catalog first: a market that is taken before the catalog has been read in full would propose and withdraw."""
    catalog = Consumer(CATALOG_CONSUMER, {CATALOG.name: CATALOG_READER}, lambda _number: CatalogWork())
    market = Consumer(
        MARKET_CONSUMER,
        {OPENING.name: OPENING_READER, LEARNER.name: LEARNER_READER, COHORT.name: COHORT_READER},
        partial(MarketWork, rules=rules, clock=context.clock, outbox=context.outbox),
        after=catalog,
    )
    return [catalog, market]
