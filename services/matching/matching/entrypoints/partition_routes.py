"""What operators see of the partitions that regions belong to."""

from fastapi import APIRouter

from makersync.effects.fence import stored
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.partition_standing import MARKET_CONSUMER


def partition_routes() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["markets"], route_class=CheckedRoute)

    @router.get("/partitions", summary="What each partition's results stand on")
    async def partitions(_operator: Operator, session: Reading) -> list[dict[str, object]]:
        rows = await stored(session, MARKET_CONSUMER)
        return [row.model_dump(mode="json") for row in sorted(rows, key=lambda row: row.partition)]

    return router
