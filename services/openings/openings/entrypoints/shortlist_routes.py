"""Shortlists: the candidates of an opening, each with the explanation of its score."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.wiring import Reading
from openings.adapters.catalog_repository import CatalogCopyRepository
from openings.adapters.introduction_repository import IntroductionRequestRepository
from openings.adapters.opening_repository import OpeningRepository
from openings.adapters.provider_copies import provider_names
from openings.adapters.shortlist_repository import ShortlistRepository
from openings.domain.shortlist import RECENT, Candidate, FormerCandidate
from openings.entrypoints.access import Reader, scope_of
from openings.entrypoints.fields import OpeningPath
from openings.entrypoints.former_views import former_view
from openings.entrypoints.held_views import KnownNames
from openings.entrypoints.routing import OpeningsRoute
from openings.entrypoints.shortlist_views import ShortlistView, candidate_views

Include = Annotated[
    Literal["withdrawn"] | None,
    Query(
        description="`withdrawn`: also the matches that ended within the last seven days, the latest 100 at most.",
        examples=["withdrawn"],
    ),
]


def shortlist_routes(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["shortlists"], route_class=OpeningsRoute)

    @router.get("/v1/openings/{opening_id}/shortlist", summary="Read the shortlist of an opening, explained")
    async def read_shortlist(
        principal: Reader, opening_id: OpeningPath, session: Reading, include: Include = None
    ) -> ShortlistView:
        """Every candidate in the order of MARKET.md section 9, each with what is needed to recompute its score by hand. The
        list follows the events of matching and may lag behind a change by moments; a candidate's `note` says where the groups
        were revised since. An employer reads the shortlists of its own openings, an operator any; another employer's opening is
        answered with 404."""
        opening = await OpeningRepository(session, scope_of(principal)).get(opening_id)
        introductions = await IntroductionRequestRepository(session, None).newest_by_learner(opening_id)
        shortlist = ShortlistRepository(session)
        candidates = await shortlist.candidates(opening_id)
        former = await shortlist.former(opening_id, clock.now() - RECENT) if include == "withdrawn" else None
        names = await _names(session, [*candidates, *(former or ())])
        return ShortlistView(
            opening_id=opening_id,
            opening_version=opening.version,
            live=opening.live(clock.today()),
            candidates=candidate_views(opening, candidates, names, introductions),
            withdrawn=None if former is None else [former_view(each, names) for each in former],
        )

    return router


async def _names(session: AsyncSession, matches: Sequence[Candidate | FormerCandidate]) -> KnownNames:
    held = {each.credential for match in matches for each in match.held or ()}
    credentials = await CatalogCopyRepository(session).credential_names(held)
    return KnownNames(credentials, await provider_names(session, [match.provider_id for match in matches]))
