"""Signals and matches in SQL, as the consumer keeps them: only what is newer than what is there."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_tables import ErasedLearnerRow
from learners.adapters.market_tables import LearnerMatchRow, SignalRow, SignalTallyRow
from makersync.store.database import upsert

Key = tuple[str, str]
Row = Mapping[str, Any]


class SqlMarket:
    """What the matching service has told."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def signal_versions(self, keys: Collection[Key]) -> Mapping[Key, int]:
        """By (region, subject)."""
        here = tuple_(col(SignalRow.region), col(SignalRow.subject))
        statement = select(SignalRow.region, SignalRow.subject, SignalRow.version).where(here.in_(keys))
        return {(region, subject): version for region, subject, version in (await self._session.exec(statement)).all()}

    async def keep_signals(self, rows: Sequence[Row]) -> None:
        await upsert(self._session, SignalRow, rows, ["region", "subject"], newer_by="version")

    async def tally(self, partition: int, kinds: Counter[str]) -> None:
        """Add to the totals of the partition."""
        statement = select(SignalTallyRow).where(col(SignalTallyRow.partition) == partition)
        before = {row.kind: row.total for row in (await self._session.exec(statement)).all()}
        rows = [{"partition": partition, "kind": kind, "total": before.get(kind, 0) + count} for kind, count in kinds.items()]
        await upsert(self._session, SignalTallyRow, rows, ["partition", "kind"])

    async def keep_matches(self, rows: Sequence[Row]) -> None:
        """Of erased learners nothing but the version is kept."""
        erased = await self._erased({row["learner_id"] for row in rows})
        kept = [{**row, **_BLANK} if row["learner_id"] in erased else row for row in rows]
        await upsert(self._session, LearnerMatchRow, kept, ["learner_id", "opening_id"], newer_by="version")

    async def _erased(self, learner_ids: Collection[str]) -> frozenset[str]:
        if not learner_ids:
            return frozenset()
        statement = select(ErasedLearnerRow.learner_id).where(col(ErasedLearnerRow.learner_id).in_(learner_ids))
        return frozenset((await self._session.exec(statement)).all())


_BLANK = {"live": False, "score": None, "reason": "erased"}
