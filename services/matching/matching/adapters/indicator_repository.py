"""Indicators as they are drawn from history, kept, and carried by signals.

Drawing them takes milliseconds per cell, so no batch waits for it. A periodic step draws those of a few regions at a time, and
a signal carries its cell's indicators as they were last drawn, with that date.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, tuple_
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from contracts.indicators import CellIndicators
from makersync.clock import Clock
from makersync.store.database import Store
from makersync.store.upserts import upsert
from matching.adapters.history_repository import CHUNK, region_history
from matching.adapters.indicator_tables import CellIndicatorsRow
from matching.adapters.partition_standing import market_day
from matching.adapters.policy_repository import live_policy
from matching.adapters.region_tables import RegionRow
from matching.adapters.wage_table import load_wages
from matching.application.settling import SignalAnnouncement
from matching.domain.indicators.history import RegionHistory
from matching.domain.indicators.measuring import Indicators, driver_of, indicators_of
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy

#: Each region is drawn again after these seconds, and this many at most in one step: a nation of a thousand takes half an hour.
REDRAW_AFTER_S = 3600.0
REGIONS_PER_STEP = 5

Cell = tuple[str, str]


class IndicatorDrawing:
    """A process claims a region in its row before it draws it, so that only one of all processes does."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def draw_due(self) -> None:
        """Draw a few regions whose indicators are an hour old or of another day, those that wait longest first."""
        async with self._store.reading() as session:
            today, policy = await market_day(session, self._clock), await live_policy(session)
            is_any_due = (await session.exec(self._due(today).limit(1))).first() is not None
        for region in await self._claim_some(today) if is_any_due else ():
            await self._draw(region, today, policy)

    async def _claim_some(self, today: date) -> list[str]:
        """Claim regions that are due. If this process then dies, they are drawn an hour later."""
        async with self._store.transaction() as session:
            rows = (await session.exec(self._due(today).limit(REGIONS_PER_STEP).with_for_update(skip_locked=True))).all()
            for row in rows:
                row.drawn_on, row.drawn_at = today, self._clock.now()
                session.add(row)
            return [row.region for row in rows]

    def _due(self, today: date) -> SelectOfScalar[RegionRow]:
        drawn_on, drawn_at = col(RegionRow.drawn_on), col(RegionRow.drawn_at)
        before = self._clock.now() - timedelta(seconds=REDRAW_AFTER_S)
        is_due = or_(drawn_at.is_(None), drawn_at <= before, drawn_on != today)
        return select(RegionRow).where(is_due).order_by(drawn_at.is_not(None), drawn_at, col(RegionRow.region))

    async def _draw(self, region: str, today: date, policy: Policy) -> None:
        async with self._store.reading() as session:
            history = await region_history(session, region, today)
        drawn = await asyncio.to_thread(_draw_all, history, policy)
        at = self._clock.now()
        rows = [{"region": region, "subject": name, "document": found, "drawn_at": at} for name, found in drawn.items()]
        async with self._store.transaction() as session:
            await session.exec(delete(CellIndicatorsRow).where(col(CellIndicatorsRow.region) == region))
            await upsert(session, CellIndicatorsRow, rows, ["region", "subject"])


def _draw_all(history: RegionHistory, policy: Policy) -> dict[str, dict[str, Any]]:
    wages = load_wages()
    return {
        subject: indicators_document(indicators_of(history, subject, wages, policy)) for subject in sorted(history.subjects())
    }


def indicators_document(drawn: Indicators) -> dict[str, Any]:
    """As stored, shown and, with the driver, published."""
    return asdict(drawn) | {"as_of": drawn.as_of.isoformat(), "source": drawn.source.value}


async def carried_indicators(
    session: AsyncSession, announced: Iterable[SignalAnnouncement], catalog: MarketCatalog
) -> Mapping[Cell, CellIndicators]:
    """What each signal carries beside its components."""
    signals = [each.signal for each in announced]
    drawn = await _drawn(session, sorted({(signal.region, signal.subject) for signal in signals}))
    carried: dict[Cell, CellIndicators] = {}
    for signal in signals:
        driver = driver_of(signal.level, signal.measure, signal.subject, catalog)
        document = drawn.get((signal.region, signal.subject)) or ({"as_of": signal.day, "source": "live"} if driver else None)
        if document is not None:
            said = document | {"driver": driver.value if driver else None}
            carried[(signal.region, signal.subject)] = CellIndicators.model_validate(said)
    return carried


async def _drawn(session: AsyncSession, cells: Sequence[Cell]) -> dict[Cell, dict[str, Any]]:
    here = tuple_(col(CellIndicatorsRow.region), col(CellIndicatorsRow.subject))
    found: dict[Cell, dict[str, Any]] = {}
    for start in range(0, len(cells), CHUNK):
        query = select(CellIndicatorsRow).where(here.in_(cells[start : start + CHUNK]))
        found |= {(row.region, row.subject): row.document for row in (await session.exec(query)).all()}
    return found
