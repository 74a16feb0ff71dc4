"""Setting the date of partitions back, after a clock that was ahead has moved it to one that has not come."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from sqlalchemy import Table, delete, func, update
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.effects.fence import FENCE
from matching.adapters.cell_tables import CellRow
from matching.adapters.history_tables import CellDayRow
from matching.adapters.partition_standing import MARKET_CONSUMER, NO_POLICY
from matching.domain.cells.shortage_cell import Level
from matching.domain.indicators.history import Source

CELL = cast(Table, CellRow.__table__)  # type: ignore[attr-defined]
CELL_DAY = cast(Table, CellDayRow.__table__)  # type: ignore[attr-defined]


async def set_back(session: AsyncSession, day: date, partition: int | None, actor: str) -> dict[int, date]:
    """Set partitions (all, or one) with a later date back to `day`; returns the date that each of them had.

    Their epochs rise, so that their owners load and evaluate everything again: what lapsed by mistake is proposed again.
    """
    later = (FENCE.c.consumer == MARKET_CONSUMER) & (FENCE.c.day > day)
    if partition is not None:
        later &= FENCE.c.partition == partition
    rows = (await session.exec(select(FENCE.c.partition, FENCE.c.day).where(later).order_by(FENCE.c.partition))).all()
    stood: dict[int, date] = dict(rows)
    values = {"day": day, "epoch": FENCE.c.epoch + 1, "owner": actor, "policy_version": NO_POLICY}
    await session.exec(update(FENCE).where(later).values(**values))
    await _forget_days_from(session, day, list(stood))
    for number in stood:
        await _remember_yesterday(session, day, number)
    return stood


async def _forget_days_from(session: AsyncSession, day: date, numbers: Sequence[int]) -> None:
    """Delete the history from `day` on: those days end again when they have come."""
    lived = (CELL_DAY.c.partition.in_(numbers)) & (CELL_DAY.c.source == Source.LIVE.value)
    await session.exec(delete(CELL_DAY).where(lived, CELL_DAY.c.day >= day))


async def _remember_yesterday(session: AsyncSession, day: date, number: int) -> None:
    """Yesterday's levels are those of the last day before `day` that ended; without one there are none."""
    lived = (CELL_DAY.c.partition == number) & (CELL_DAY.c.source == Source.LIVE.value) & (CELL_DAY.c.day < day)
    yesterday = (await session.exec(select(func.max(CELL_DAY.c.day)).where(lived))).one()
    same = (CELL_DAY.c.region == CELL.c.region) & (CELL_DAY.c.subject == CELL.c.subject) & (CELL_DAY.c.day == yesterday)
    level = select(func.nullif(CELL_DAY.c.level, Level.INSUFFICIENT_DATA.word)).where(same).scalar_subquery()
    await session.exec(update(CELL).where(CELL.c.partition == number).values(previous_level=level))


async def partitions_known(session: AsyncSession) -> list[int]:
    """The partition numbers of which anything was evaluated."""
    query = select(FENCE.c.partition).where(FENCE.c.consumer == MARKET_CONSUMER).order_by(FENCE.c.partition)
    return [int(number) for number in (await session.exec(query)).all()]
