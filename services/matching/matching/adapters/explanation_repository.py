"""The explanation of a pair from what is stored now."""

import asyncio

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from matching.adapters.match_repository import shortlist_of
from matching.adapters.policy_repository import live_rules
from matching.adapters.subject_repository import learner_of, opening_of
from matching.domain.explanation.findings import Explanation, ShortlistPlace, explain, place_on


async def live_explanation(
    session: AsyncSession, clock: Clock, opening_id: str, learner_id: str
) -> tuple[Explanation, ShortlistPlace] | None:
    """The pair as it stands, ranked among the stored matches; None when either is unknown.

    A learner who does not reach the opening's region is taken as known in another. Everything is read first: in a large catalog
    the search for the cheapest change takes a second, and neither the loop nor the database waits for it.
    """
    opening = await opening_of(session, opening_id)
    learner = None if opening is None else await learner_of(session, learner_id, opening.region)
    learner = learner or await learner_of(session, learner_id)
    if opening is None or learner is None:
        return None
    rules, shortlist = await live_rules(session, clock), await shortlist_of(session, opening_id)
    explained = await asyncio.to_thread(explain, opening, learner, rules)
    return explained, place_on(shortlist, explained)
