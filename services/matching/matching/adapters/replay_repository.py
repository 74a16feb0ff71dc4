"""The stored markets on which a change of the rules is tried."""

from collections.abc import AsyncIterator
from dataclasses import replace

from sqlmodel import col, select, text
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from matching.adapters.cell_tables import CellRow
from matching.adapters.subject_repository import live_market
from matching.adapters.subject_tables import SubjectRow
from matching.application.replaying import RegionUnderRules
from matching.domain.cells.shortage_cell import Level
from matching.domain.market.catalog import MarketCatalog


async def regions_with_openings(session: AsyncSession) -> list[str]:
    """The regions that can have matches or cells, in order."""
    query = select(SubjectRow.region).where(SubjectRow.kind == "opening", col(SubjectRow.ending).is_(None)).distinct()
    return sorted((await session.exec(query)).all())


async def regions_to_replay(
    session: AsyncSession, clock: Clock, regions: list[str], catalog: MarketCatalog
) -> AsyncIterator[RegionUnderRules]:
    """The markets of these regions one after the other, all of one moment when the session is a snapshot.

    `catalog` is the live one; all markets share it, and with it the closures that it remembers.
    """
    await _allow_thinking(session)
    for region in regions:
        market = replace(await live_market(session, clock, region), catalog=catalog)
        yield RegionUnderRules(region, market, await _yesterday(session, region))


async def _allow_thinking(session: AsyncSession) -> None:
    """Allow the time that evaluations take between two regions. A snapshot holds no lock that others could wait for."""
    if session.get_bind().dialect.name == "postgresql":
        await session.exec(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # type: ignore[call-overload]


async def _yesterday(session: AsyncSession, region: str) -> dict[str, Level]:
    query = select(CellRow.subject, CellRow.previous_level).where(CellRow.region == region)
    return {subject: Level.of(level) for subject, level in (await session.exec(query)).all() if level is not None}
