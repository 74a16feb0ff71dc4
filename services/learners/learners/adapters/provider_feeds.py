"""The entries that the service's own handlers cause in the feeds of the providers."""

from collections.abc import Iterable, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.feed_entries import (
    about_learner,
    evidence_entry,
    introduction_entries,
    match_entry,
    pathway_entry,
    signal_entry,
)
from learners.adapters.match_repository import MatchUpdate, blank_matches, live_matches_of
from learners.adapters.pathway_repository import PathwayUpdate, blank_pathways, live_pathways_of
from learners.adapters.provider_regions import ProviderRegions
from learners.adapters.signal_repository import SignalRepository
from learners.domain.award import Award
from learners.domain.introduction import Introduction
from learners.domain.learner import Learner
from makersync.clock import Clock
from makersync.feed.entries import FeedWriter, NewEntry


class SqlProviderFeeds:
    """Writes into the transaction of a session."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._feed = FeedWriter(session, clock)

    async def concern(self, provider_id: str, region: str) -> None:
        if await ProviderRegions(self._session).enter(provider_id, region):
            signals = await SignalRepository(self._session).of_region(region)
            await self._feed.record([signal_entry(provider_id, signal) for signal in signals])

    async def evidence_changed(self, learner: Learner, awards: Iterable[Award]) -> None:
        now = self._clock.now()
        await self._feed.record([evidence_entry(learner, award, now) for award in awards])

    async def introduced(self, before: Introduction, after: Introduction) -> None:
        await self._feed.record(introduction_entries(before, after, self._clock.now()))

    async def erased(self, learner: Learner) -> None:
        """The learner's row must be gone: until then the consumer may write more about the learner."""
        ends = await self._ends(learner)
        await self._feed.forget_about(learner.provider_id, about_learner(learner.learner_id))
        await self._feed.record(ends)
        await blank_market(self._session, learner.learner_id)

    async def _ends(self, learner: Learner) -> Sequence[NewEntry]:
        now, mine = self._clock.now(), learner.learner_id
        matches = [
            MatchUpdate(mine, each.opening_id, each.region, each.version, "MatchWithdrawn", None, "erased", now)
            for each in await live_matches_of(self._session, mine)
        ]
        pathways = await live_pathways_of(self._session, mine)
        ended = [PathwayUpdate(mine, region, version, now) for region, version in pathways.items()]
        return [match_entry(learner.provider_id, each) for each in matches] + [
            pathway_entry(learner.provider_id, each, {}) for each in ended
        ]


async def blank_market(session: AsyncSession, learner_id: str) -> None:
    """Keep nothing of an erased learner's matches and pathways but their versions."""
    await blank_matches(session, learner_id)
    await blank_pathways(session, learner_id)
