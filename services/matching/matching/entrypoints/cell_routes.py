"""What operators see of the shortage cells of a region."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import col, select

from contracts.matching import CellLevel
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.cell_tables import CellRow
from matching.entrypoints.cell_views import CellView
from matching.entrypoints.fields import RegionPath
from reference.region_filter import is_region

LevelFilter = Annotated[
    CellLevel | None, Query(description="Only cells at this level (MARKET.md section 12).", examples=["shortage"])
]


def cell_routes() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["markets"], route_class=CheckedRoute)

    @router.get("/markets/{region}/cells", summary="List the shortage cells of a region")
    async def list_cells(
        region: RegionPath, _operator: Operator, session: Reading, level: LevelFilter = None
    ) -> list[CellView]:
        """Every cell that has or had a level, by subject, each with its last signal. Unlike providers, operators also see the
        counts of a cell without enough evidence. Answered with 404 when there is no such region; a region without cells has an
        empty list."""
        if not is_region(region):
            raise NotFound("no_such_thing", "There is no such region.")
        query = select(CellRow).where(CellRow.region == region).order_by(col(CellRow.subject))
        rows = (await session.exec(query if level is None else query.where(CellRow.level == level))).all()
        return [CellView.model_validate(row, from_attributes=True) for row in rows]

    return router
