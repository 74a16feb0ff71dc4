"""What this service does with the events of others: it copies the catalog and keeps the shortlists."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, Consumer, Known
from makersync.effects.fence import Hold, Standing
from makersync.effects.reading import Reading, Received
from makersync.store.database import Store
from openings.adapters.catalog import CATALOG_READER, CatalogCopy
from openings.adapters.match_reading import MATCH_READER, MatchEvent, Pair, row_of
from openings.adapters.shortlist import ShortlistRepository

CATALOG_CONSUMER = "openings.catalog"
MATCH_CONSUMER = "openings.candidate-match"
PROPOSED, REVISED, WITHDRAWN = "MatchProposed", "MatchRevised", "MatchWithdrawn"


class CatalogCopying:
    """Keeps the newest version of each definition."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing: the table is the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[Known]:
        async with store.reading() as session:
            versions = await CatalogCopy(session).versions({received.event.subject for received in batch})
        return [Known(versions.get(received.event.subject, 0)) for received in batch]

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

    told: Mapping[int, MatchEvent]

    @property
    def newest(self) -> MatchEvent:
        return self.told[max(self.told)]

    def since(self, version: int) -> list[MatchEvent]:
        return [self.told[number] for number in sorted(self.told) if number > version]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a batch tells of each pair, and which of its events were read as they came."""

    pairs: Mapping[Pair, PairNews]
    live: frozenset[str]


class ShortlistWork:
    """Keeps the newest event of each pair, counts what changed the shortlists, and measures how long a match took.

    Only what is read as it comes is measured: not what waited while nobody read, nor what began before that, nor what is read
    once more, here or before, as a dead letter or after a loss. Such a time would tell of the outage and not of the service.
    A match that tells no time at which its chain began follows from no event that just came.
    """

    def __init__(self, partition: int, clock: Clock, observe_seconds: Callable[[float], None]) -> None:
        self._partition = partition
        self._clock = clock
        self._observe_seconds = observe_seconds
        self._live_since: datetime | None = None
        self._next = 0

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing of the matches: the table is the state."""
        self._next = max(hold.offsets.values(), default=0)

    def due(self, standing: Standing) -> bool:
        """Never; but it is asked only while nothing waits, and what begins after that is read as it comes."""
        self._live_since = self._live_since or self._clock.now()
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[Known]:
        """A match tells whose its opening is, and this service knows it."""
        pairs = [MatchEvent.of(received).pair for received in batch]
        async with store.reading() as session:
            shortlists = ShortlistRepository(session)
            versions = await shortlists.versions(list(dict.fromkeys(pairs)))
            employers = await shortlists.employers({opening_id for opening_id, _ in pairs})
        return [
            Known(versions.get(pair, 0), {"employer_id": employers[pair[0]]} if pair[0] in employers else {}) for pair in pairs
        ]

    async def prepare(self, batch: Batch, behind: int = 0) -> Heard:
        versions: dict[Pair, dict[int, MatchEvent]] = {}
        for received in batch:
            told = MatchEvent.of(received)
            versions.setdefault(told.pair, {}).setdefault(told.version, told)
        return Heard({pair: PairNews(told) for pair, told in versions.items()}, self._live(batch))

    def _live(self, batch: Batch) -> frozenset[str]:
        """The ids of the events that are read as they come."""
        since, first = self._live_since, self._next
        self._next = max(first, *(each.record.offset + 1 for each in batch)) if batch else first
        if since is None:
            return frozenset()
        begun = ((each, each.event.origintime) for each in batch if each.record.offset >= first)
        return frozenset(each.event.id for each, origin in begun if origin is not None and origin >= since)

    async def write(self, session: AsyncSession, prepared: Heard, standing: Standing) -> Standing:
        if not prepared.pairs:
            return standing
        shortlists = ShortlistRepository(session)
        known = await shortlists.versions(list(prepared.pairs))
        news = [fresh for pair, pair_news in prepared.pairs.items() if (fresh := pair_news.since(known.get(pair, 0)))]
        await shortlists.keep([self._row(fresh, prepared.live) for fresh in news])
        kinds = Counter(told.kind for fresh in news for told in fresh)
        if kinds:
            await shortlists.count_in(self._partition, kinds[PROPOSED], kinds[REVISED], kinds[WITHDRAWN])
        return standing

    def _row(self, fresh: list[MatchEvent], live: frozenset[str]) -> dict[str, Any]:
        """The pair's row after its newest event, with how long it took since the last proposal among the news."""
        row: dict[str, Any] = {}
        for told in fresh:
            row |= self._timing(told, told.event.id in live) | row_of(told)
        return row

    def _timing(self, told: MatchEvent, is_live: bool) -> dict[str, Any]:
        """A pair that was proposed again at another time than was measured has no measure any more."""
        if told.kind != PROPOSED:
            return {}
        if not is_live:
            return {"proposed_at": None, "latency_ms": None}
        now = self._clock.now()
        latency = max(now - told.event.origin, timedelta())
        self._observe_seconds(latency.total_seconds())
        return {"proposed_at": now, "latency_ms": latency // timedelta(milliseconds=1)}


def catalog_consumer() -> Consumer:
    return Consumer(CATALOG_CONSUMER, {CATALOG_READER.topic.name: CATALOG_READER}, lambda _partition: CatalogCopying())


def match_consumer(clock: Clock, observe_seconds: Callable[[float], None]) -> Consumer:
    """`observe_seconds` is told, for every match proposed that is read as it comes, the seconds since the event that began the
    chain."""
    readers = {MATCH_READER.topic.name: MATCH_READER}
    return Consumer(MATCH_CONSUMER, readers, lambda partition: ShortlistWork(partition, clock, observe_seconds))
