"""What this service does with the events of others: it copies the catalog and keeps the shortlists."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, Consumer
from makersync.effects.fence import Hold, Standing
from makersync.effects.reading import Reading, Received
from openings.adapters.catalog import CATALOG_READER, CatalogCopy
from openings.adapters.match_reading import MATCH_READER, Pair, Told, row_of
from openings.adapters.shortlist import ShortlistRepository

CATALOG_CONSUMER = "openings.catalog"
MATCH_CONSUMER = "openings.candidate-match"
PROPOSED, REVISED, WITHDRAWN = "MatchProposed", "MatchRevised", "MatchWithdrawn"


class CatalogWork:
    """Keeps the newest version of each definition."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing: the table is the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def prepare(self, batch: Batch, behind: int = 0) -> list[Received[Reading]]:
        newest: dict[str, Received[Reading]] = {}
        for received in batch:
            known = newest.get(received.event.subject)
            if known is None or received.event.version > known.event.version:
                newest[received.event.subject] = received
        return list(newest.values())

    async def write(self, session: AsyncSession, prepared: list[Received[Reading]], standing: Standing) -> Standing:
        catalog = CatalogCopy(session)
        for received in prepared:
            await catalog.keep(received)
        return standing


@dataclass(frozen=True, slots=True)
class PairNews:
    """What a batch tells of one pair: each version once, in the order of the versions."""

    told: Mapping[int, Told]

    @property
    def newest(self) -> Told:
        return self.told[max(self.told)]

    def since(self, version: int) -> list[Told]:
        return [self.told[number] for number in sorted(self.told) if number > version]


class ShortlistWork:
    """Keeps the newest event of each pair, counts what changed the shortlists, and measures how long a match took."""

    def __init__(self, partition: int, clock: Clock, observe_seconds: Callable[[float], None]) -> None:
        self._partition = partition
        self._clock = clock
        self._observe_seconds = observe_seconds

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing: the table is the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def prepare(self, batch: Batch, behind: int = 0) -> dict[Pair, PairNews]:
        versions: dict[Pair, dict[int, Told]] = {}
        for received in batch:
            told = Told.of(received)
            versions.setdefault(told.pair, {}).setdefault(told.version, told)
        return {pair: PairNews(told) for pair, told in versions.items()}

    async def write(self, session: AsyncSession, prepared: dict[Pair, PairNews], standing: Standing) -> Standing:
        if not prepared:
            return standing
        shortlists = ShortlistRepository(session)
        known = await shortlists.versions(list(prepared))
        news = [fresh for pair, pair_news in prepared.items() if (fresh := pair_news.since(known.get(pair, 0)))]
        await shortlists.keep([self._row(fresh) for fresh in news])
        kinds = Counter(told.kind for fresh in news for told in fresh)
        if kinds:
            await shortlists.count_in(self._partition, kinds[PROPOSED], kinds[REVISED], kinds[WITHDRAWN])
        return standing

    def _row(self, fresh: list[Told]) -> dict[str, Any]:
        """The pair's row after its newest event, with how long it took since the last proposal among the news."""
        row: dict[str, Any] = {}
        for told in fresh:
            row |= self._timing(told) | row_of(told)
        return row

    def _timing(self, told: Told) -> dict[str, Any]:
        if told.kind != PROPOSED:
            return {}
        now = self._clock.now()
        latency = max(now - told.event.origin, timedelta())
        self._observe_seconds(latency.total_seconds())
        return {"proposed_at": now, "latency_ms": latency // timedelta(milliseconds=1)}


def catalog_consumer() -> Consumer:
    return Consumer(CATALOG_CONSUMER, {CATALOG_READER.topic.name: CATALOG_READER}, lambda _partition: CatalogWork())


def match_consumer(clock: Clock, observe_seconds: Callable[[float], None]) -> Consumer:
    """`observe_seconds` is told, for every match proposed, the seconds since the event that began the chain."""
    readers = {MATCH_READER.topic.name: MATCH_READER}
    return Consumer(MATCH_CONSUMER, readers, lambda partition: ShortlistWork(partition, clock, observe_seconds))
