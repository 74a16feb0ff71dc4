"""Dead letters: unreadable records, kept with their coordinates and the reason and never dropped
(DESIGN, exactly-once effects, 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import ColumnElement, Table, func, tuple_
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Record
from makersync.clock import Clock
from makersync.effects.halts import Halt
from makersync.envelope import Unreadable, version_in
from makersync.store.tables import DeadLetterRow

MOST_DETAIL = 2000
#: Replays in one round; the partition's other work waits for them.
REPLAYED_AT_ONCE = 100
#: Topic and record key: the same key on another topic is another subject.
Subject = tuple[str, bytes | None]
OPEN: Final = "open"
REQUESTED: Final = "requested"
SUPERSEDED: Final = "superseded"
REPLAYED: Final = "replayed"
DISMISSED: Final = "dismissed"
#: Rows deleted per transaction, which bounds its locks and duration.
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

    @property
    def storable_detail(self) -> str:
        """The detail without the characters that a database rejects but the quoted record may contain, cut to MOST_DETAIL."""
        text = self.detail.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
        return text[:MOST_DETAIL]


@dataclass(frozen=True, slots=True)
class Later:
    """A valid event of a subject that has dead letters. `is_news`: it was newer than everything the consumer knew about the
    subject."""

    offset: int
    version: int
    is_news: bool

    def supersedes(self, version: int | None) -> bool:
        """Whether the event makes a dead letter with this version obsolete. None means that the dead letter's version is
        unreadable."""
        return self.is_news if version is None else self.version > version


class DeadLetters:
    """The dead letters of one consumer, written in the transactions of its loop."""

    def __init__(self, consumer: str, log_id: str, clock: Clock) -> None:
        self._consumer = consumer
        self._log_id = log_id
        self._clock = clock

    async def set_aside(self, session: AsyncSession, poison: Sequence[Poison]) -> None:
        """Store each record once: a record that is read again after a crash is the same dead letter."""
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
            detail=poison.storable_detail,
            seen_at=self._clock.now(),
        )

    async def supersede(self, session: AsyncSession, partition: int, later: Mapping[Subject, Sequence[Later]]) -> bool:
        """Close the open dead letters that a later valid event of their key replaces; returns whether there were any.

        An event carries the whole state, so a dead letter stays open only if its own version is newer.
        """
        mine = (DEAD.c.consumer == self._consumer) & (DEAD.c.partition == partition) & (DEAD.c.status == OPEN)
        query = select(DeadLetterRow).where(mine, tuple_(DEAD.c.topic, DEAD.c.key).in_(list(later)))
        rows = (await session.exec(query)).all()
        superseded = [row.id for row in rows if self._is_superseded(row, later[row.topic, row.key])]
        values = {"status": SUPERSEDED, "resolved_at": self._clock.now(), "resolved_by": "a later event of the key"}
        if superseded:
            await session.exec(update(DEAD).where(DEAD.c.id.in_(superseded)).values(**values))
        return bool(superseded)

    def _is_superseded(self, row: DeadLetterRow, later: Sequence[Later]) -> bool:
        version = _version_in(row.payload)
        came_before = row.log_id != self._log_id
        return any(each.supersedes(version) for each in later if came_before or each.offset > row.offset)

    async def requested(self, session: AsyncSession, partition: int) -> list[DeadLetterRow]:
        """Dead letters to replay now, oldest first, at most REPLAYED_AT_ONCE."""
        query = select(DeadLetterRow).where(DeadLetterRow.consumer == self._consumer, DeadLetterRow.partition == partition)
        query = (
            query.where(DeadLetterRow.status == REQUESTED, self._is_due())
            .order_by(col(DeadLetterRow.id))
            .limit(REPLAYED_AT_ONCE)
        )
        return list((await session.exec(query)).all())

    async def requested_partitions(self, session: AsyncSession) -> set[int]:
        query = select(DeadLetterRow.partition).where(DeadLetterRow.consumer == self._consumer)
        return set((await session.exec(query.where(DeadLetterRow.status == REQUESTED, self._is_due()).distinct())).all())

    async def any_open(self, session: AsyncSession, halt: Halt) -> bool:
        """Whether any dead letter of the halted topic still needs an operator's decision."""
        query = select(DeadLetterRow.id).where(DeadLetterRow.consumer == self._consumer, DeadLetterRow.status == OPEN)
        here = (DeadLetterRow.partition == halt.partition, DeadLetterRow.topic == halt.topic)
        return (await session.exec(query.where(*here).limit(1))).first() is not None

    def _is_due(self) -> ColumnElement[bool]:
        return col(DeadLetterRow.replay_at).is_(None) | (col(DeadLetterRow.replay_at) <= self._clock.now())

    async def settle(self, session: AsyncSession, row_id: int, poison: Poison | None) -> None:
        """Record the result of a replay: replayed, or, unless it was dismissed in the meantime, open again with the new
        reason."""
        now, here = self._clock.now(), DEAD.c.id == row_id
        values: dict[str, object] = {"status": REPLAYED, "resolved_at": now}
        if poison is not None:
            here &= DEAD.c.status == REQUESTED
            values = {"status": OPEN, "resolved_at": None, "resolved_by": None}
            values |= {"reason": poison.reason, "detail": poison.storable_detail}
        values |= {"attempts": DEAD.c.attempts + 1, "attempted_at": now, "replay_at": None}
        await session.exec(update(DEAD).where(here).values(**values))

    async def open_subjects(self, session: AsyncSession, partition: int) -> dict[Subject, int]:
        """The number of open dead letters for each key of a partition number."""
        query = (
            select(DeadLetterRow.topic, DeadLetterRow.key, func.count())
            .where(col(DeadLetterRow.consumer) == self._consumer, DeadLetterRow.partition == partition)
            .where(DeadLetterRow.status == OPEN)
            .group_by(col(DeadLetterRow.topic), col(DeadLetterRow.key))
        )
        return {(topic, key): count for topic, key, count in (await session.exec(query)).all()}


async def forget_closed(session: AsyncSession, before: datetime) -> int:
    """Delete superseded, replayed and dismissed dead letters that were resolved before `before`, oldest first and at most
    FORGOTTEN_AT_ONCE; returns how many."""
    closed = col(DeadLetterRow.status).in_((SUPERSEDED, REPLAYED, DISMISSED)) & (col(DeadLetterRow.resolved_at) < before)
    old = select(DeadLetterRow.id).where(closed).order_by(col(DeadLetterRow.id)).limit(FORGOTTEN_AT_ONCE)
    return int((await session.exec(delete(DeadLetterRow).where(col(DeadLetterRow.id).in_(old)))).rowcount)


def subject_of(record: Record) -> Subject:
    return record.topic, record.key


def record_of(row: DeadLetterRow) -> Record:
    """The record that was set aside, with timestamp 0 because its time is not stored."""
    return Record(row.topic, row.partition, row.offset, row.key, row.payload, 0)


def _version_in(payload: bytes | None) -> int | None:
    try:
        return version_in(payload)
    except Unreadable:
        return None
