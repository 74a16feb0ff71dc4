"""Figures of the whole service, for operators: what exists, what has happened, and how fast."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.vocabulary import OpeningStatus
from openings.adapters.employer_tables import EmployerRow
from openings.adapters.opening_tables import OpeningRow
from openings.adapters.shortlist_tables import MatchCountsRow, ShortlistRow

#: Latencies are taken from this many of the most recent proposals.
RECENT_MATCHES = 1000


@dataclass(frozen=True, slots=True)
class MatchCounts:
    """Matches that are live now, and all events that have ever changed a shortlist, by kind."""

    live: int
    proposed: int
    revised: int
    withdrawn: int


class FiguresRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def employers(self) -> int:
        return (await self._session.exec(select(func.count()).select_from(EmployerRow))).one()

    async def openings(self) -> dict[str, int]:
        """The number of openings in each status."""
        statement = select(OpeningRow.status, func.count()).group_by(col(OpeningRow.status))
        found = dict((await self._session.exec(statement)).all())
        return {status.value: found.get(status.value, 0) for status in OpeningStatus}

    async def live_openings(self, today: date) -> int:
        on_time = or_(col(OpeningRow.closes_on).is_(None), col(OpeningRow.closes_on) >= today)
        return await self._count(OpeningRow, col(OpeningRow.status) == OpeningStatus.OPEN.value, on_time)

    async def matches(self) -> MatchCounts:
        live = await self._count(ShortlistRow, col(ShortlistRow.live))
        counts = (await self._session.exec(select(MatchCountsRow))).all()
        return MatchCounts(
            live=live,
            proposed=sum(each.proposed for each in counts),
            revised=sum(each.revised for each in counts),
            withdrawn=sum(each.withdrawn for each in counts),
        )

    async def recent_latencies_ms(self) -> list[int]:
        """Milliseconds from the event that began the chain to the match, of the most recent proposals; ascending."""
        measured = select(ShortlistRow.latency_ms).where(col(ShortlistRow.proposed_at).is_not(None))
        last = measured.order_by(col(ShortlistRow.proposed_at).desc()).limit(RECENT_MATCHES)
        return sorted(latency for latency in await self._session.exec(last) if latency is not None)

    async def _count(self, table: type[OpeningRow] | type[ShortlistRow], *where: ColumnElement[bool] | Mapped[bool]) -> int:
        return (await self._session.exec(select(func.count()).select_from(table).where(*where))).one()
