"""How many learners an opening reaches, and what keeps the others out."""

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.wiring import Reading
from openings.adapters.opening_repository import OpeningRepository
from openings.adapters.reach_repository import ReachRepository
from openings.entrypoints.access import Reader, scope_of
from openings.entrypoints.fields import OpeningPath
from openings.entrypoints.reach_views import OpeningReachView
from openings.entrypoints.routing import OpeningsRoute


def reach_routes(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["reach"], route_class=OpeningsRoute)

    @router.get("/v1/openings/{opening_id}/reach", summary="Read how many learners an opening reaches")
    async def read_reach(principal: Reader, opening_id: OpeningPath, session: Reading) -> OpeningReachView:
        """How many learners are in reach, pass the gates, qualify and nearly qualify, and what the near misses lack; counts
        alone, as ranges of five. They are refreshed at a set pace while the opening is live, and end with it. Poll it with
        `If-None-Match`: what has not changed is answered with 304. An employer reads the counts of its own openings, an
        operator those of any; another employer's opening is answered with 404."""
        opening = await OpeningRepository(session, scope_of(principal)).get(opening_id)
        return OpeningReachView.of(opening, await ReachRepository(session).of(opening_id), clock.today())

    return router
