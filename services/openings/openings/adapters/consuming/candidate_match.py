"""The consumer of `matching.candidate-match.v1`: keeps the shortlists, writes the employers' feeds, and measures how long
matches take."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.feed.entries import FeedWriter
from makersync.store.database import Store
from openings.adapters.consuming.match_entries import ends_consent, entries_of, entry_of
from openings.adapters.consuming.match_reading import PROPOSED, REVISED, WITHDRAWN, MatchEvent, shortlist_values
from openings.adapters.shortlist_repository import ShortlistRepository
from openings.domain.shortlist import Pair


@dataclass(frozen=True, slots=True)
class MatchBatch:
    """The events of a batch by pair, each version once and in ascending order; and the ids of those to be measured."""

    events: Mapping[Pair, Sequence[MatchEvent]]
    measured: frozenset[str]


class ShortlistWork:
    """Keeps the newest event of each pair, counts what changed the shortlists, and measures the time from event to match.

    Only events that are read as they arrive are measured. An event that waited while the service was down, one whose causal
    chain began before the service had caught up, and one that is read a second time (a dead letter, or a replay after a loss)
    would measure the outage instead of the service. A match without an origin time does not follow from a recent event.
    """

    def __init__(self, partition: int, clock: Clock, observe_seconds: Callable[[float], None]) -> None:
        self._partition = partition
        self._clock = clock
        self._observe_seconds = observe_seconds
        self._caught_up_at: datetime | None = None
        self._next_offset = 0

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """The shortlists need no loading, because the table is the state."""
        self._next_offset = max(hold.offsets.values(), default=0)

    def due(self, standing: Standing) -> bool:
        """Never. The loop asks only when nothing waits to be read, so the first call is when this consumer has caught up."""
        self._caught_up_at = self._caught_up_at or self._clock.now()
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        """The stored version of each pair, and the true employer of its opening to check the event's employer against."""
        pairs = [MatchEvent.of(received).pair for received in batch]
        async with store.reading() as session:
            shortlists = ShortlistRepository(session)
            versions = await shortlists.versions(list(dict.fromkeys(pairs)))
            employers = await shortlists.employers({opening_id for opening_id, _ in pairs})
        return [
            KnownSubject(versions.get(pair, 0), {"employer_id": employers[pair[0]]} if pair[0] in employers else {})
            for pair in pairs
        ]

    async def prepare(self, batch: Batch, behind: int = 0) -> MatchBatch:
        by_version: dict[Pair, dict[int, MatchEvent]] = {}
        for received in batch:
            match = MatchEvent.of(received)
            by_version.setdefault(match.pair, {}).setdefault(match.version, match)
        events = {pair: [versions[number] for number in sorted(versions)] for pair, versions in by_version.items()}
        return MatchBatch(events, self._measured(batch))

    def _measured(self, batch: Batch) -> frozenset[str]:
        """The ids of the events that are read as they arrive."""
        since, first = self._caught_up_at, self._next_offset
        self._next_offset = max(first, *(each.record.offset + 1 for each in batch)) if batch else first
        if since is None:
            return frozenset()
        new = ((each, each.event.origintime) for each in batch if each.record.offset >= first)
        return frozenset(each.event.id for each, origin in new if origin is not None and origin >= since)

    async def write(self, session: AsyncSession, prepared: MatchBatch, standing: Standing) -> Standing:
        if not prepared.events:
            return standing
        shortlists = ShortlistRepository(session)
        stored = await shortlists.versions(list(prepared.events))
        newer = [
            fresh
            for pair, events in prepared.events.items()
            if (fresh := [match for match in events if match.version > stored.get(pair, 0)])
        ]
        await shortlists.keep([self._row(fresh, prepared.measured) for fresh in newer])
        await self._record_in_feeds(session, newer, stored)
        kinds = Counter(match.kind for fresh in newer for match in fresh)
        if kinds:
            await shortlists.add_counts(self._partition, kinds[PROPOSED], kinds[REVISED], kinds[WITHDRAWN])
        return standing

    async def _record_in_feeds(
        self, session: AsyncSession, newer: Sequence[Sequence[MatchEvent]], stored: Mapping[Pair, int]
    ) -> None:
        """Write the entries of the employers' feeds."""
        feed = FeedWriter(session, self._clock)
        await feed.forget([entry_of(match).about for fresh in newer for match in fresh if ends_consent(match)])
        await feed.record([entry for fresh in newer for entry in entries_of(fresh, fresh[0].pair in stored)])

    def _row(self, fresh: Sequence[MatchEvent], measured: frozenset[str]) -> dict[str, Any]:
        """The pair's row after its newest event, with the timing of the last proposal among the fresh events."""
        row: dict[str, Any] = {}
        for match in fresh:
            row |= self._timing(match, match.event.id in measured) | shortlist_values(match)
        return row

    def _timing(self, match: MatchEvent, is_measured: bool) -> dict[str, Any]:
        """A new proposal that cannot be measured clears the measurement of the one before."""
        if match.kind != PROPOSED:
            return {}
        if not is_measured:
            return {"proposed_at": None, "latency_ms": None}
        now = self._clock.now()
        latency = max(now - match.event.origin, timedelta())
        self._observe_seconds(latency.total_seconds())
        return {"proposed_at": now, "latency_ms": latency // timedelta(milliseconds=1)}
