"""Shortlists: the candidates of an opening, each with the reason."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from makersync.clock import Clock
from makersync.http.wiring import Reading
from openings.adapters.openings import OpeningRepository
from openings.adapters.shortlist import ShortlistRepository
from openings.entrypoints.access import Reader, scope_of
from openings.entrypoints.refusing import OpeningsRoute
from openings.entrypoints.views import ShortlistView, candidate_views, former_view

#: How long an employer sees that a match ended, and what it was. After that only the version is kept.
RECENT = timedelta(days=7)

Include = Annotated[Literal["withdrawn"] | None, Query(description="`withdrawn`: also the matches that ended lately.")]


def shortlist_routes(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["shortlists"], route_class=OpeningsRoute)

    @router.get("/v1/openings/{opening_id}/shortlist", summary="The shortlist of an opening, explained")
    async def read_shortlist(principal: Reader, opening_id: str, session: Reading, include: Include = None) -> ShortlistView:
        opening = await OpeningRepository(session, scope_of(principal)).get(opening_id)
        shortlist = ShortlistRepository(session)
        former = await shortlist.former(opening_id, clock.now() - RECENT) if include == "withdrawn" else None
        return ShortlistView(
            opening_id=opening_id,
            opening_version=opening.version,
            live=opening.live(clock.today()),
            candidates=candidate_views(opening, await shortlist.candidates(opening_id)),
            withdrawn=None if former is None else [former_view(each) for each in former],
        )

    return router
