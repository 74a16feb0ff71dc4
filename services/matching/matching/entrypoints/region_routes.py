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
from matching.entrypoints.fields import Region
from matching.entrypoints.region_views import Markets, RegionView
from reference.places import load_places


def region_routes(clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["markets"], route_class=CheckedRoute)

    @router.get("/markets", summary="Every region with what is live in it")
    async def markets(_operator: Operator, session: Reading) -> Markets:
        day = await market_day(session, clock)
        return Markets(day=day.isoformat(), regions=[_region_view(each) for each in await region_counts(session)])

    @router.get("/markets/{region}", summary="One region")
    async def market(region: Region, _operator: Operator, session: Reading) -> RegionView:
        counts = await region_counts(session, region)
        if not counts:
            raise NotFound("There is no such region.")
        return _region_view(counts[0])

    return router


def _region_view(counts: RegionCounts) -> RegionView:
    return RegionView(name=load_places().region_name(counts.region), **asdict(counts))
