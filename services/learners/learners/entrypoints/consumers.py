"""What this service does with the matching service's events: it keeps the newest signal of each cell, and the matches
and pathways of its learners."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.market_acquaintance import SqlAcquaintance
from learners.adapters.market_reading import (
    MATCH_READER,
    SIGNAL_READER,
    LearnersMatchEndedReading,
    LearnersMatchReading,
    SignalReading,
    match_row,
    signal_row,
)
from learners.adapters.market_repository import Key, SqlMarket
from learners.adapters.pathway_reading import PATHWAY_READER, PathwayEndReading, PathwayNews, PathwayReading, pathway_news
from learners.adapters.pathway_repository import SqlPathways
from makersync.effects.consumer_port import Batch, Consumer, Known
from makersync.effects.fence import Hold, Standing
from makersync.store.database import Store

MARKET_CONSUMER = "learners.market"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MarketNews:
    """What a batch brings: every signal in its order, and the newest state of each pair and pathway."""

    signals: Sequence[Row]
    matches: Sequence[Row]
    pathways: Sequence[PathwayNews]


class SignalKeeping:
    """Keeps what one partition tells. The tables are its only state, and versions make copies harmless."""

    def __init__(self, partition: int) -> None:
        self._partition = partition

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing: the tables are the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[Known]:
        """A match or pathway tells whose its learner is, and this service knows it."""
        async with store.reading() as session:
            return await SqlAcquaintance(session).known(batch)

    async def prepare(self, batch: Batch, behind: int = 0) -> MarketNews:
        signals: list[Row] = []
        matches: dict[Key, Row] = {}
        pathways: dict[Key, PathwayNews] = {}
        for received in batch:
            if isinstance(received.data, SignalReading):
                signals.append(signal_row(received, received.data))
            elif isinstance(received.data, LearnersMatchReading | LearnersMatchEndedReading):
                row = match_row(received, received.data)
                pair = row["learner_id"], row["opening_id"]
                if pair not in matches or row["version"] > matches[pair]["version"]:
                    matches[pair] = row
            elif isinstance(received.data, PathwayReading | PathwayEndReading):
                news = pathway_news(received.event.version, received.data)
                if news.key not in pathways or news.version > pathways[news.key].version:
                    pathways[news.key] = news
        return MarketNews(signals, list(matches.values()), list(pathways.values()))

    async def write(self, session: AsyncSession, prepared: MarketNews, standing: Standing) -> Standing:
        market = SqlMarket(session)
        await self._write_signals(market, prepared.signals)
        await market.keep_matches(prepared.matches)
        await SqlPathways(session).keep(prepared.pathways)
        return standing

    async def _write_signals(self, market: SqlMarket, signals: Sequence[Row]) -> None:
        if not signals:
            return
        versions = dict(await market.signal_versions({_cell(row) for row in signals}))
        newest: dict[Key, Row] = {}
        kinds: Counter[str] = Counter()
        for row in signals:
            if row["version"] > versions.get(_cell(row), 0):
                versions[_cell(row)] = row["version"]
                newest[_cell(row)] = row
                kinds[row["kind"]] += 1
        await market.keep_signals(list(newest.values()))
        await market.tally(self._partition, kinds)


def _cell(row: Row) -> Key:
    return row["region"], row["subject"]


def market_consumer() -> Consumer:
    readers = {reader.topic.name: reader for reader in (SIGNAL_READER, MATCH_READER, PATHWAY_READER)}
    return Consumer(MARKET_CONSUMER, readers, SignalKeeping)
