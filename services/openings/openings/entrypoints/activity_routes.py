"""What goes on in the service, for operators."""

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel, Field

from makersync.clock import Clock
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from openings.adapters.activity import ActivityReader


class OpeningFigures(BaseModel):
    """How many openings have each status; `live` ones are open and not past their closing date."""

    open: int
    filled: int
    closed: int
    live: int


class MatchFigures(BaseModel):
    """Matches that are live now, and the events that ever changed a shortlist."""

    live: int
    proposed: int
    revised: int
    withdrawn: int


class LatencyFigures(BaseModel):
    """From the event that began the chain to the match on the shortlist, of the matches proposed last; milliseconds."""

    measured: int
    p50: int | None
    p95: int | None
    p99: int | None
    max: int | None


class OpeningsActivity(BaseModel):
    employers: int
    openings: OpeningFigures
    matches: MatchFigures
    event_to_match_ms: LatencyFigures = Field(description="Of the 1000 matches proposed last.")


def activity_routes(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["operations"], route_class=CheckedRoute)

    @router.get("/v1/activity", summary="Openings, matches and how fast matches come")
    async def read_activity(_operator: Operator, session: Reading) -> OpeningsActivity:
        reader = ActivityReader(session)
        live = await reader.live_openings(clock.today())
        return OpeningsActivity(
            employers=await reader.employers(),
            openings=OpeningFigures(**await reader.openings(), live=live),
            matches=MatchFigures.model_validate(await reader.matches(), from_attributes=True),
            event_to_match_ms=latency_figures(await reader.recent_latencies_ms()),
        )

    return router


def latency_figures(ascending: Sequence[int]) -> LatencyFigures:
    """Percentiles by the nearest rank; null when nothing was measured."""

    def at(percent: int) -> int | None:
        return ascending[-(-percent * len(ascending) // 100) - 1] if ascending else None

    return LatencyFigures(measured=len(ascending), p50=at(50), p95=at(95), p99=at(99), max=at(100))
