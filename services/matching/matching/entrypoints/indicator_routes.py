"""What operators see of a cell's past: its indicators, drawn from the history when asked for."""

import asyncio

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.cell_repository import cell_record
from matching.adapters.cell_tables import CellRow
from matching.adapters.history_repository import region_history
from matching.adapters.indicator_repository import indicators_document
from matching.adapters.policy_repository import live_rules
from matching.adapters.wage_table import load_wages
from matching.domain.indicators.measuring import Driver, driver_of, indicators_of
from matching.domain.rules.profile import Rules
from matching.entrypoints.fields import RegionPath, SubjectPath
from matching.entrypoints.indicator_views import CellIndicatorsView


def indicator_routes(clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["markets"], route_class=CheckedRoute)

    @router.get("/markets/{region}/cells/{subject}/indicators", summary="Read the indicators of a cell, drawn now")
    async def read_indicators(
        region: RegionPath,
        subject: SubjectPath,
        _operator: Operator,
        session: Reading,
    ) -> CellIndicatorsView:
        """Statistics from the cell's history, as of the market's date. Signals carry the same values as they were last drawn,
        which may be an hour ago. Answered with 404 when the cell has neither a level nor a past."""
        rules = await live_rules(session, clock)
        history = await region_history(session, region, rules.day, subject)
        row = await session.get(CellRow, (region, subject))
        if row is None and subject not in history.subjects():
            raise NotFound("no_such_thing", "There is no such cell.")
        drawn = await asyncio.to_thread(indicators_of, history, subject, load_wages(), rules.policy)
        return CellIndicatorsView(
            region=region,
            subject=subject,
            level=row.level if row else "insufficient_data",
            driver=_driver(row, rules),
            **indicators_document(drawn),
        )

    return router


def _driver(row: CellRow | None, rules: Rules) -> Driver | None:
    """By the components of the cell's last signal, which are within a tenth of what they are now."""
    if row is None or row.signal is None:
        return None
    record = cell_record(row.region, row.subject, row.level, row.previous_level, row.signal)
    assert record.signal is not None
    return driver_of(record.level, record.signal.measure, row.subject, rules.catalog)
