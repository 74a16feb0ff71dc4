"""Consumes the matching service's events: keeps the newest signal of each cell, and the matches and pathways of this
service's learners, and writes the feeds of the providers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.consuming.known_subjects import KnownSubjects
from learners.adapters.consuming.match_reading import LearnersMatchEndedReading, LearnersMatchReading, match_update
from learners.adapters.consuming.match_writing import write_matches
from learners.adapters.consuming.news import in_order
from learners.adapters.consuming.pathway_reading import PathwayEndReading, PathwayReading, pathway_update
from learners.adapters.consuming.pathway_writing import write_pathways
from learners.adapters.consuming.signal_reading import SignalReading, signal_row
from learners.adapters.consuming.signal_writing import write_signals
from learners.adapters.learner_erasures import hold_learners
from learners.adapters.match_repository import MatchUpdate
from learners.adapters.pathway_repository import PathwayUpdate
from learners.adapters.stored_versions import Key
from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.feed.entries import FeedWriter
from makersync.store.database import Store

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MarketBatch:
    """What a batch contains: every signal in order, and every state of each match and pathway by version."""

    signals: Sequence[Row]
    matches: Mapping[Key, Sequence[MatchUpdate]]
    pathways: Mapping[Key, Sequence[PathwayUpdate]]

    @property
    def learners(self) -> frozenset[str]:
        return frozenset(learner_id for learner_id, _ in (*self.matches, *self.pathways))


class MarketCopying:
    """Copies what arrives on one partition into the tables, its only state. Versions make repeated events harmless."""

    def __init__(self, partition: int, clock: Clock) -> None:
        self._partition, self._clock = partition, clock

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing to load: the tables are the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        """What the service knows already, to check which provider a match or pathway names."""
        async with store.reading() as session:
            return await KnownSubjects(session).known(batch)

    async def prepare(self, batch: Batch, behind: int = 0) -> MarketBatch:
        signals: list[Row] = []
        matches: list[MatchUpdate] = []
        pathways: list[PathwayUpdate] = []
        for received in batch:
            if isinstance(received.data, SignalReading):
                signals.append(signal_row(received, received.data))
            elif isinstance(received.data, LearnersMatchReading | LearnersMatchEndedReading):
                matches.append(match_update(received, received.data))
            elif isinstance(received.data, PathwayReading | PathwayEndReading):
                pathways.append(pathway_update(received, received.data))
        return MarketBatch(signals, in_order(matches), in_order(pathways))

    async def write(self, session: AsyncSession, prepared: MarketBatch, standing: Standing) -> Standing:
        providers = await hold_learners(session, prepared.learners)
        entries = [
            *await write_matches(session, prepared.matches, providers),
            *await write_pathways(session, prepared.pathways, providers),
            *await write_signals(session, self._partition, prepared.signals),
        ]
        await FeedWriter(session, self._clock).record(entries)
        return standing
