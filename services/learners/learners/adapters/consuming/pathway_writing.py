"""Keeps the pathways of this service's learners, and says what their providers are told."""

from collections.abc import Mapping, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.consuming.news import newer, told
from learners.adapters.feed_entries import named_in, pathway_entry
from learners.adapters.opening_copies import openings_of
from learners.adapters.pathway_repository import PathwayRepository, PathwayUpdate
from learners.adapters.stored_versions import Key
from makersync.feed.entries import NewEntry


async def write_pathways(
    session: AsyncSession, updates: Mapping[Key, Sequence[PathwayUpdate]], providers: Mapping[str, str]
) -> Sequence[NewEntry]:
    """Save the newest list of each learner and region. There are no entries about learners without a provider: they are
    erased."""
    pathways = PathwayRepository(session)
    stored = await pathways.stored(list(updates))
    fresh = newer(updates, stored)
    await pathways.save([each[-1] for each in fresh])
    news = [update for each in fresh for update in told(each, stored.get(each[0].key)) if update.learner_id in providers]
    openings = await openings_of(session, named_in(news))
    return [pathway_entry(providers[each.learner_id], each, openings) for each in news]
