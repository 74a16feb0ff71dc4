"""The activity of the service, for operators."""

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from openings.adapters.activity_repository import ActivityRepository
from openings.entrypoints.activity_views import MatchFigures, OpeningFigures, OpeningsActivity, latency_figures


def activity_routes(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["operations"], route_class=CheckedRoute)

    @router.get("/v1/activity", summary="Read how many openings and matches there are")
    async def read_activity(_operator: Operator, session: Reading) -> OpeningsActivity:
        """Figures of all employers together, as they are stored now. Whole tables are counted: a dashboard should not ask more
        often than every few seconds."""
        activity = ActivityRepository(session)
        live = await activity.live_openings(clock.today())
        return OpeningsActivity(
            employers=await activity.employers(),
            openings=OpeningFigures(**await activity.openings(), live=live),
            matches=MatchFigures.model_validate(await activity.matches(), from_attributes=True),
            event_to_match_ms=latency_figures(await activity.recent_latencies_ms()),
        )

    return router
