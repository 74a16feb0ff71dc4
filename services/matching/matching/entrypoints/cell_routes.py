"""What operators see of the shortage cells of a region."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlmodel import col, select

from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.cell_tables import CellRow
from matching.entrypoints.cell_views import CellView
from matching.entrypoints.fields import Region
from reference.region_filter import is_region

LevelFilter = Annotated[Literal["insufficient_data", "surplus", "balanced", "shortage", "severe"] | None, Query()]


def cell_routes() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["markets"], route_class=CheckedRoute)

    @router.get("/markets/{region}/cells", summary="The shortage cells of a region")
    async def cells(region: Region, _operator: Operator, session: Reading, level: LevelFilter = None) -> list[CellView]:
        if not is_region(region):
            raise NotFound("There is no such region.")
        query = select(CellRow).where(CellRow.region == region).order_by(col(CellRow.subject))
        rows = (await session.exec(query if level is None else query.where(CellRow.level == level))).all()
        return [CellView.model_validate(row, from_attributes=True) for row in rows]

    return router
