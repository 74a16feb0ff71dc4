"""Keeps the matches of this service's learners, and says what their providers are told."""

from collections.abc import Mapping, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.consuming.news import newer, told
from learners.adapters.feed_entries import match_entry
from learners.adapters.match_repository import MatchUpdate, save_matches, stored_matches
from learners.adapters.opening_copies import openings_of
from learners.adapters.stored_versions import Key
from makersync.feed.entries import NewEntry


async def write_matches(
    session: AsyncSession, updates: Mapping[Key, Sequence[MatchUpdate]], providers: Mapping[str, str]
) -> Sequence[NewEntry]:
    """Save the newest of each match. There are no entries about learners without a provider: they are erased."""
    stored = await stored_matches(session, list(updates))
    fresh = newer(updates, stored)
    await save_matches(session, [each[-1] for each in fresh])
    news = [update for each in fresh for update in told(each, stored.get(each[0].key)) if update.learner_id in providers]
    openings = await openings_of(session, [update.opening_id for update in news])
    return [match_entry(providers[each.learner_id], each, openings.get(each.opening_id)) for each in news]
