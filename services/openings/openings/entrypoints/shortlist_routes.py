"""Shortlists: the candidates of an opening, each with the explanation of its score."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from makersync.clock import Clock
from makersync.http.wiring import Reading
from openings.adapters.opening_repository import OpeningRepository
from openings.entrypoints.access import Reader, scope_of
from openings.entrypoints.fields import OpeningPath
from openings.entrypoints.routing import OpeningsRoute
from openings.entrypoints.shortlist_reading import shortlist_view
from openings.entrypoints.shortlist_views import ShortlistView

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
        return await shortlist_view(session, opening, clock, has_withdrawn=include == "withdrawn")

    return router
