"""The past of shortage cells: what the last signal of each day said. Pages look back 180 days; rows are kept for 400."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import Subquery, and_, delete, exists, or_, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.signal_tables import SignalDayRow, SignalRow
from learners.domain.signal import SignalDay
from makersync.clock import Clock
from makersync.store.database import Store
from makersync.store.upserts import upsert

log = structlog.get_logger(__name__)
Key = tuple[str, str]
SIGNAL = SignalRow.sql_table()
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
        first = _first_days(cells, since)
        mine = (col(SignalDayRow.region) == first.c.region) & (col(SignalDayRow.subject) == first.c.subject)
        shown = select(SignalDayRow).join(first, mine & (col(SignalDayRow.day) >= first.c.day))
        found: dict[Key, list[SignalDay]] = defaultdict(list)
        for row in (await self._session.exec(shown.order_by(col(SignalDayRow.day)))).all():
            found[row.region, row.subject].append(_day_of(row))
        return found


def _first_days(cells: Collection[Key], since: date) -> Subquery:
    """Of each cell the last day up to `since` of which something is known, or else `since` itself. Every cell that has a past
    has a signal."""
    past = aliased(SignalDayRow)
    here = (col(past.region) == col(SignalRow.region)) & (col(past.subject) == col(SignalRow.subject))
    last = select(func.max(col(past.day))).where(here, col(past.day) <= since).scalar_subquery()
    day = func.coalesce(last, since).label("day")
    among = tuple_(col(SignalRow.region), col(SignalRow.subject)).in_(list(cells))
    return select(SignalRow.region, SignalRow.subject, day).where(among).subquery()


def _day_of(row: SignalDayRow) -> SignalDay:
    return SignalDay(row.day, row.level, row.demand, row.supply, row.pipeline, row.blocked, row.tightness)


async def fill_signal_days(store: Store) -> int:
    """Write the days of the newest signals that the past lacks, as processes of an older version leave it; returns how many
    rows. Safe when two processes do it at once."""
    same = and_(DAY.c.region == SIGNAL.c.region, DAY.c.subject == SIGNAL.c.subject, DAY.c.day == SIGNAL.c.day)
    newest = select(*(SIGNAL.c[name] for name in sorted(_COLUMNS))).outerjoin(DAY, same)
    missing = newest.where(or_(DAY.c.version.is_(None), DAY.c.version < SIGNAL.c.version))
    async with store.snapshot() as session:
        rows = [dict(row._mapping) for row in (await session.exec(missing)).all()]
    if rows:
        async with store.transaction() as session:
            await SignalHistory(session).save(rows)
        log.warning("signal_days_filled", count=len(rows))
    return len(rows)


async def forget_signal_days(store: Store, clock: Clock) -> int:
    """Delete the days that no page looks back to any more; returns how many rows. Of each cell the newest day before the limit
    stays, since it says what stood then. Safe when two processes do it at once."""
    until, deleted = clock.today() - KEEP, 0
    key, later = tuple_(*DAY.primary_key.columns), DAY.alias("later")
    is_followed = exists().where(
        later.c.region == DAY.c.region, later.c.subject == DAY.c.subject, later.c.day > DAY.c.day, later.c.day <= until
    )
    while True:
        async with store.transaction() as session:
            old = select(*DAY.primary_key.columns).where(until > DAY.c.day, is_followed).limit(_ROWS_AT_ONCE)
            keys = [tuple(row) for row in (await session.exec(old)).all()]
            if not keys:
                return deleted
            deleted += (await session.exec(delete(DAY).where(key.in_(keys)))).rowcount
