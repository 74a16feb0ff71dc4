"""The service in figures, for operators."""

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from openings.adapters.figures_repository import FiguresRepository
from openings.entrypoints.figures_views import MatchFigures, OpeningFigures, OpeningsActivity, latency_figures


def figures_routes(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["operations"], route_class=CheckedRoute)

    @router.get("/v1/activity", summary="Read how many openings and matches there are")
    async def read_activity(_operator: Operator, session: Reading) -> OpeningsActivity:
        """Figures of all employers together, as they are stored now. Whole tables are counted: a dashboard should not ask more
        often than every few seconds."""
        figures = FiguresRepository(session)
        live = await figures.live_openings(clock.today())
        return OpeningsActivity(
            employers=await figures.employers(),
            openings=OpeningFigures(**await figures.openings(), live=live),
            matches=MatchFigures.model_validate(await figures.matches(), from_attributes=True),
            event_to_match_ms=latency_figures(await figures.recent_latencies_ms()),
        )

    return router
