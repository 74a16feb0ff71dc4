"""What operators see of the partitions that regions belong to."""

from fastapi import APIRouter

from makersync.effects.fence import stored
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.partition_standing import MARKET_CONSUMER
from matching.entrypoints.partition_views import PartitionView


def partition_routes() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["markets"], route_class=CheckedRoute)

    @router.get("/partitions", summary="List what each partition's results stand on")
    async def list_partitions(_operator: Operator, session: Reading) -> list[PartitionView]:
        """A region belongs to one partition of the topics, which one process owns at a time. For each partition: its owner, how
        far it has read, and the catalog, date and policy that its results stand on. They show which one lags behind."""
        rows = await stored(session, MARKET_CONSUMER)
        return [PartitionView.model_validate(row.model_dump()) for row in sorted(rows, key=lambda row: row.partition)]

    return router
