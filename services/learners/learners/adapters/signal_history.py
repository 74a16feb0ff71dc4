"""The past of shortage cells: what the last signal of each day said. It is kept for as long as a page looks back."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.signal_tables import SignalDayRow
from learners.domain.signal import SignalDay
from makersync.clock import Clock
from makersync.store.database import Store
from makersync.store.upserts import upsert

Key = tuple[str, str]
DAY = SignalDayRow.sql_table()
KEEP = timedelta(days=400)
_COLUMNS = frozenset(DAY.columns.keys())
_ROWS_AT_ONCE = 2000


class SignalHistory:
    """One row for each cell and day, by (region, subject)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, signals: Sequence[Mapping[str, Any]]) -> None:
        """Rows of signals in the order in which they arrived; the last of a day stands."""
        rows = {(each["region"], each["subject"], each["day"]): each for each in signals}
        kept = [{name: value for name, value in row.items() if name in _COLUMNS} for row in rows.values()]
        await upsert(self._session, SignalDayRow, kept, ["region", "subject", "day"], newer_by="version")

    async def of_cells(self, cells: Collection[Key], since: date) -> Mapping[Key, Sequence[SignalDay]]:
        """The days of each cell from `since` on, with the last one before it, in order."""
        if not cells:
            return {}
        here = tuple_(col(SignalDayRow.region), col(SignalDayRow.subject)).in_(list(cells))
        ordered = select(SignalDayRow).where(here).order_by(col(SignalDayRow.day))
        found: dict[Key, list[SignalDay]] = defaultdict(list)
        for row in (await self._session.exec(ordered)).all():
            days = found[row.region, row.subject]
            if days and row.day <= since:
                days.clear()
            days.append(_day_of(row))
        return found


def _day_of(row: SignalDayRow) -> SignalDay:
    return SignalDay(row.day, row.level, row.demand, row.supply, row.pipeline, row.blocked, row.tightness)


async def forget_signal_days(store: Store, clock: Clock) -> int:
    """Delete the days that no page looks back to any more; returns how many rows. Safe when two processes do it at once."""
    until, deleted = clock.today() - KEEP, 0
    key = tuple_(*DAY.primary_key.columns)
    while True:
        async with store.transaction() as session:
            old = select(*DAY.primary_key.columns).where(until > DAY.c.day).limit(_ROWS_AT_ONCE)
            keys = [tuple(row) for row in (await session.exec(old)).all()]
            if not keys:
                return deleted
            deleted += (await session.exec(delete(DAY).where(key.in_(keys)))).rowcount
