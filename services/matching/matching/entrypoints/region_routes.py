"""What operators see of regions."""

from dataclasses import asdict

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.partition_standing import market_day
from matching.adapters.region_repository import RegionCounts, region_counts
from matching.entrypoints.fields import RegionPath
from matching.entrypoints.region_views import Markets, RegionView
from reference.places import load_places


def region_routes(clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["markets"], route_class=CheckedRoute)

    @router.get("/markets", summary="List every region with what is in it")
    async def list_markets(_operator: Operator, session: Reading) -> Markets:
        """The regions in which there is an opening, a learner, a match or a cell, by their ids, and the date that results are
        for. Other regions are markets too, of which nothing has been heard."""
        day = await market_day(session, clock)
        return Markets(day=day, regions=[region_view(each) for each in await region_counts(session)])

    @router.get("/markets/{region}", summary="Read one region")
    async def read_market(region: RegionPath, _operator: Operator, session: Reading) -> RegionView:
        """What the list of regions says of this one. Answered with 404 when nothing has been heard of it, even if it exists."""
        counts = await region_counts(session, region)
        if not counts:
            raise NotFound("no_such_thing", "There is no such region.")
        return region_view(counts[0])

    return router


def region_view(counts: RegionCounts) -> RegionView:
    return RegionView(name=load_places().region_name(counts.region), **asdict(counts))
