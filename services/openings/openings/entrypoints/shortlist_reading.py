"""A shortlist as it is shown, by the API and by pages."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from openings.adapters.catalog_repository import CatalogCopyRepository
from openings.adapters.introduction_repository import IntroductionRequestRepository
from openings.adapters.provider_copies import provider_names
from openings.adapters.shortlist_repository import ShortlistRepository
from openings.domain.opening import Opening
from openings.domain.shortlist import RECENT, Candidate, FormerCandidate
from openings.entrypoints.former_candidate_views import former_view
from openings.entrypoints.held_credential_views import KnownNames
from openings.entrypoints.shortlist_views import ShortlistView, candidate_views


async def shortlist_view(session: AsyncSession, opening: Opening, clock: Clock, has_withdrawn: bool) -> ShortlistView:
    """The candidates of an opening that the caller may see; `has_withdrawn`: and those who were candidates lately."""
    introductions = await IntroductionRequestRepository(session, None).newest_by_learner(opening.opening_id)
    shortlist = ShortlistRepository(session)
    candidates = await shortlist.candidates(opening.opening_id)
    former = await shortlist.former(opening.opening_id, clock.now() - RECENT) if has_withdrawn else None
    names = await _names(session, [*candidates, *(former or ())])
    return ShortlistView(
        opening_id=opening.opening_id,
        opening_version=opening.version,
        live=opening.live(clock.today()),
        candidates=candidate_views(opening, candidates, names, introductions),
        withdrawn=None if former is None else [former_view(each, names) for each in former],
    )


async def _names(session: AsyncSession, matches: Sequence[Candidate | FormerCandidate]) -> KnownNames:
    held = {each.credential for match in matches for each in match.held or ()}
    credentials = await CatalogCopyRepository(session).credential_names(held)
    return KnownNames(credentials, await provider_names(session, [match.provider_id for match in matches]))
