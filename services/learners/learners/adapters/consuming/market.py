"""Consumes the matching service's events: keeps the newest signal of each cell, and the matches and pathways of this
service's learners."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.consuming.known_subjects import KnownSubjects
from learners.adapters.consuming.match_reading import LearnersMatchEndedReading, LearnersMatchReading, match_row
from learners.adapters.consuming.pathway_reading import PathwayEndReading, PathwayReading, pathway_update
from learners.adapters.consuming.signal_reading import SignalReading, signal_row
from learners.adapters.match_repository import save_matches
from learners.adapters.pathway_repository import PathwayRepository, PathwayUpdate
from learners.adapters.signal_repository import Key, SignalRepository
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.store.database import Store

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MarketBatch:
    """What a batch contains: every signal in order, and the newest state of each match and pathway."""

    signals: Sequence[Row]
    matches: Sequence[Row]
    pathways: Sequence[PathwayUpdate]


class MarketCopying:
    """Copies what arrives on one partition into the tables, its only state. Versions make repeated events harmless."""

    def __init__(self, partition: int) -> None:
        self._partition = partition

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
        matches: dict[Key, Row] = {}
        pathways: dict[Key, PathwayUpdate] = {}
        for received in batch:
            if isinstance(received.data, SignalReading):
                signals.append(signal_row(received, received.data))
            elif isinstance(received.data, LearnersMatchReading | LearnersMatchEndedReading):
                row = match_row(received, received.data)
                pair = row["learner_id"], row["opening_id"]
                if pair not in matches or row["version"] > matches[pair]["version"]:
                    matches[pair] = row
            elif isinstance(received.data, PathwayReading | PathwayEndReading):
                update = pathway_update(received.event.version, received.data)
                if update.key not in pathways or update.version > pathways[update.key].version:
                    pathways[update.key] = update
        return MarketBatch(signals, list(matches.values()), list(pathways.values()))

    async def write(self, session: AsyncSession, prepared: MarketBatch, standing: Standing) -> Standing:
        await self._write_signals(SignalRepository(session), prepared.signals)
        await save_matches(session, prepared.matches)
        await PathwayRepository(session).save(prepared.pathways)
        return standing

    async def _write_signals(self, stored: SignalRepository, signals: Sequence[Row]) -> None:
        if not signals:
            return
        versions = dict(await stored.versions({_cell(row) for row in signals}))
        newest: dict[Key, Row] = {}
        kinds: Counter[str] = Counter()
        for row in signals:
            if row["version"] > versions.get(_cell(row), 0):
                versions[_cell(row)] = row["version"]
                newest[_cell(row)] = row
                kinds[row["kind"]] += 1
        await stored.save(list(newest.values()))
        await stored.add_counts(self._partition, kinds)


def _cell(row: Row) -> Key:
    return row["region"], row["subject"]
