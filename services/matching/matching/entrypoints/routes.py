"""The operators' front door: markets, matches, explanations, the live policy."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from sqlmodel import col, select

from makersync.clock import Clock
from makersync.effects.fence import stored
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from makersync.store.database import Store
from matching.adapters.cell_tables import CellRow
from matching.adapters.explanation_repository import live_explanation
from matching.adapters.match_tables import MatchRow
from matching.adapters.partition_standing import MARKET_CONSUMER, market_day
from matching.adapters.policy_repository import live_policy
from matching.adapters.region_repository import RegionCounts, region_counts
from matching.entrypoints.explanation_views import ExplanationView
from matching.entrypoints.indicator_routes import indicator_routes
from matching.entrypoints.views import CellView, Markets, MatchView, RegionView
from reference.places import load_places
from reference.region_filter import is_region

Id = Annotated[str, Path(max_length=120)]
Region = Annotated[str, Path(max_length=40)]
LevelFilter = Annotated[Literal["insufficient_data", "surplus", "balanced", "shortage", "severe"] | None, Query()]


def routers(store: Store, clock: Clock) -> Sequence[APIRouter]:
    """All for operators: a match concerns an employer and a learner, who see it at their own front doors."""
    return [_markets(clock), _pairs(clock), indicator_routes(clock)]


def _markets(clock: Clock) -> APIRouter:
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

    @router.get("/markets/{region}/cells", summary="The shortage cells of a region")
    async def cells(region: Region, _operator: Operator, session: Reading, level: LevelFilter = None) -> list[CellView]:
        if not is_region(region):
            raise NotFound("There is no such region.")
        query = select(CellRow).where(CellRow.region == region).order_by(col(CellRow.subject))
        rows = (await session.exec(query if level is None else query.where(CellRow.level == level))).all()
        return [CellView.model_validate(row, from_attributes=True) for row in rows]

    @router.get("/policy", summary="The policy in use")
    async def policy(_operator: Operator, session: Reading) -> dict[str, int]:
        return (await live_policy(session)).to_dict()

    @router.get("/partitions", summary="What each partition's results stand on")
    async def partitions(_operator: Operator, session: Reading) -> list[dict[str, object]]:
        rows = await stored(session, MARKET_CONSUMER)
        return [row.model_dump(mode="json") for row in sorted(rows, key=lambda row: row.partition)]

    return router


def _pairs(clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["matches"], route_class=CheckedRoute)

    @router.get("/matches/{opening_id}/{learner_id}", summary="The last event of a pair")
    async def match(opening_id: Id, learner_id: Id, _operator: Operator, session: Reading) -> MatchView:
        row = await session.get(MatchRow, (opening_id, learner_id))
        if row is None:
            raise NotFound("There is no such match.")
        return MatchView(**row.model_dump(exclude={"document", "partition"}), match=row.document)

    @router.get("/explanations/{opening_id}/{learner_id}", summary="Why a learner matches an opening, or why not")
    async def explanation(opening_id: Id, learner_id: Id, _operator: Operator, session: Reading) -> ExplanationView:
        document = await live_explanation(session, clock, opening_id, learner_id)
        if document is None:
            raise NotFound("There is no such pair.")
        return ExplanationView.model_validate(document)

    return router


def _region_view(counts: RegionCounts) -> RegionView:
    return RegionView(name=load_places().region_name(counts.region), **asdict(counts))
