"""Records that could not be read: set aside with coordinates and reason, never dropped (DESIGN, exactly-once effects, 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, func, tuple_
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Record
from makersync.clock import Clock
from makersync.envelope import Unreadable
from makersync.store.tables import AuditRow, DeadLetterRow

#: Topic and record key: the same key on another topic is another subject.
Subject = tuple[str, bytes | None]
OPEN, REQUESTED, SUPERSEDED, REPLAYED, DISMISSED = "open", "requested", "superseded", "replayed", "dismissed"
#: Fewer than the locks and time that one transaction should take.
FORGOTTEN_AT_ONCE = 1000
DEAD = cast(Table, DeadLetterRow.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Poison:
    """A record and why it cannot be read."""

    record: Record
    reason: str
    detail: str

    @classmethod
    def of(cls, record: Record, error: Unreadable) -> "Poison":
        return cls(record, error.reason, error.detail)


class DeadLetters:
    """The dead letters of one consumer, kept in the transactions of its loop."""

    def __init__(self, consumer: str, log_id: str, clock: Clock) -> None:
        self._consumer = consumer
        self._log_id = log_id
        self._clock = clock

    async def set_aside(self, session: AsyncSession, poison: Sequence[Poison]) -> None:
        """Keep the records, once each: a record met again after a crash is the same dead letter."""
        for each in poison:
            if not await self._knows(session, each.record):
                session.add(self._row(each))
        await session.flush()

    async def _knows(self, session: AsyncSession, record: Record) -> bool:
        here = (DEAD.c.topic == record.topic) & (DEAD.c.partition == record.partition) & (DEAD.c.offset == record.offset)
        mine = (DEAD.c.consumer == self._consumer) & (DEAD.c.log_id == self._log_id)
        return (await session.exec(select(DeadLetterRow.id).where(mine & here))).first() is not None

    def _row(self, poison: Poison) -> DeadLetterRow:
        record = poison.record
        return DeadLetterRow(
            consumer=self._consumer,
            log_id=self._log_id,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            payload=record.value,
            reason=poison.reason,
            detail=poison.detail[:2000],
            seen_at=self._clock.now(),
        )

    async def supersede(self, session: AsyncSession, partition: int, subjects: Sequence[Subject]) -> None:
        """A later valid event of a key carries the whole state: the key's open dead letters need nobody any more."""
        mine = (DEAD.c.consumer == self._consumer) & (DEAD.c.partition == partition) & (DEAD.c.status == OPEN)
        values = {"status": SUPERSEDED, "resolved_at": self._clock.now(), "resolved_by": "a later event of the key"}
        await session.exec(update(DEAD).where(mine, tuple_(DEAD.c.topic, DEAD.c.key).in_(subjects)).values(**values))

    async def requested(self, session: AsyncSession, partition: int) -> list[DeadLetterRow]:
        """Those that an operator wants read again, oldest first."""
        query = select(DeadLetterRow).where(DeadLetterRow.consumer == self._consumer, DeadLetterRow.partition == partition)
        return list((await session.exec(query.where(DeadLetterRow.status == REQUESTED).order_by(col(DeadLetterRow.id)))).all())

    async def requested_partitions(self, session: AsyncSession) -> set[int]:
        query = select(DeadLetterRow.partition).where(DeadLetterRow.consumer == self._consumer)
        return set((await session.exec(query.where(DeadLetterRow.status == REQUESTED).distinct())).all())

    async def settle(self, session: AsyncSession, row_id: int, poison: Poison | None) -> None:
        """What reading a requested one again came to: replayed, or open as before with the reason of today."""
        values: dict[str, object] = {"status": REPLAYED, "resolved_at": self._clock.now()}
        if poison is not None:
            values = {"status": OPEN, "resolved_at": None, "resolved_by": None}
            values |= {"reason": poison.reason, "detail": poison.detail[:2000]}
        await session.exec(update(DEAD).where(DEAD.c.id == row_id).values(**values))

    async def open_subjects(self, session: AsyncSession, partition: int) -> dict[Subject, int]:
        """How many open dead letters each key of a partition number has."""
        query = (
            select(DeadLetterRow.topic, DeadLetterRow.key, func.count())
            .where(col(DeadLetterRow.consumer) == self._consumer, DeadLetterRow.partition == partition)
            .where(DeadLetterRow.status == OPEN)
            .group_by(col(DeadLetterRow.topic), col(DeadLetterRow.key))
        )
        return {(topic, key): count for topic, key, count in (await session.exec(query)).all()}


async def forget_closed(session: AsyncSession, before: datetime) -> int:
    """Forget some of those that were superseded, replayed or dismissed before then, the oldest first; returns how many."""
    closed = col(DeadLetterRow.status).in_((SUPERSEDED, REPLAYED, DISMISSED)) & (col(DeadLetterRow.resolved_at) < before)
    old = select(DeadLetterRow.id).where(closed).order_by(col(DeadLetterRow.id)).limit(FORGOTTEN_AT_ONCE)
    return int((await session.exec(delete(DeadLetterRow).where(col(DeadLetterRow.id).in_(old)))).rowcount)


async def listing(session: AsyncSession, status: str | None, limit: int) -> list[DeadLetterRow]:
    """Oldest first; `status` None: all."""
    query = select(DeadLetterRow).order_by(col(DeadLetterRow.id)).limit(limit)
    if status is not None:
        query = query.where(DeadLetterRow.status == status)
    return list((await session.exec(query)).all())


async def resolve(session: AsyncSession, clock: Clock, row: DeadLetterRow, status: str, actor: str) -> None:
    """Dismiss a dead letter, or request that its consumer reads it again; with its line in the audit."""
    now = clock.now()
    row.status, row.resolved_at, row.resolved_by = status, now, actor
    session.add(row)
    coordinates = {"consumer": row.consumer, "topic": row.topic, "partition": row.partition, "offset": row.offset}
    session.add(AuditRow(at=now, actor=actor, action=f"dead_letter.{status}", subject=str(row.id), detail=coordinates))
