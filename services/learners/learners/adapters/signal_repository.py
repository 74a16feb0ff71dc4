"""Shortage signals in SQL. A signal is written only over an older one."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.signal_tables import SignalCountsRow, SignalRow
from learners.adapters.statements import equal
from learners.domain.signal import ShortageSignal, SignalComponents
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.upserts import upsert

Key = tuple[str, str]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignalFilter:
    region: str | None = None
    level: str | None = None
    subject_kind: str | None = None


class SignalRepository:
    """Signals as the consumer keeps them, by (region, subject)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def versions(self, keys: Collection[Key]) -> Mapping[Key, int]:
        here = tuple_(col(SignalRow.region), col(SignalRow.subject))
        statement = select(SignalRow.region, SignalRow.subject, SignalRow.version).where(here.in_(keys))
        return {(region, subject): version for region, subject, version in (await self._session.exec(statement)).all()}

    async def save(self, rows: Sequence[Row]) -> None:
        await upsert(self._session, SignalRow, rows, ["region", "subject"], newer_by="version")

    async def of_region(self, region: str) -> Sequence[ShortageSignal]:
        rows = await self._session.exec(
            select(SignalRow).where(col(SignalRow.region) == region).order_by(col(SignalRow.subject))
        )
        return [signal_of(row) for row in rows]

    async def add_counts(self, partition: int, kinds: Counter[str]) -> None:
        """Add to the totals of the partition."""
        statement = select(SignalCountsRow).where(col(SignalCountsRow.partition) == partition)
        before = {row.kind: row.total for row in (await self._session.exec(statement)).all()}
        rows = [{"partition": partition, "kind": kind, "total": before.get(kind, 0) + count} for kind, count in kinds.items()]
        await upsert(self._session, SignalCountsRow, rows, ["partition", "kind"])


def signal_of(row: SignalRow) -> ShortageSignal:
    components = SignalComponents(
        row.demand,
        row.openings,
        row.employers,
        row.supply,
        row.supply_home,
        row.pipeline,
        row.blocked,
        row.tightness,
        row.employer_share,
        row.tightness_ahead,
    )
    return ShortageSignal(
        region=row.region,
        subject=row.subject,
        kind=row.kind,
        level=row.level,
        level_ahead=row.level_ahead,
        components=components,
        top_credentials=tuple(row.top_credentials),
        indicators=row.indicators,
        policy_version=row.policy_version,
        day=row.day,
        at=row.at,
        version=row.version,
    )


async def list_signals(session: AsyncSession, wanted: SignalFilter, page: PageRequest) -> Page[ShortageSignal]:
    statement = equal(select(SignalRow), col(SignalRow.region), wanted.region)
    statement = equal(statement, col(SignalRow.level), wanted.level)
    statement = equal(statement, col(SignalRow.subject_kind), wanted.subject_kind)
    order = Order((col(SignalRow.region), col(SignalRow.subject)))
    return await page_of(session, statement, order, page, signal_of)


async def find_signal(session: AsyncSession, region: str, subject: str) -> ShortageSignal | None:
    row = await session.get(SignalRow, (region, subject))
    return None if row is None else signal_of(row)
