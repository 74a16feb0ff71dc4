"""Topics of partition numbers that are halted until an operator resumes them.

Halts are kept in the database, so that a restart does not resume them, every process sees them, and a command reaches the
process that holds the partition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.store.tables import AuditRow, HaltRow
from makersync.store.upserts import upsert

HALT = cast(Table, HaltRow.__table__)  # type: ignore[attr-defined]
#: Stands for every topic of the partition number: its state could not be loaded, or its due work failed.
WHOLE = ""


@dataclass(frozen=True, slots=True)
class Halt:
    """`topic` is WHOLE if all topics of the partition number are halted."""

    consumer: str
    partition: int
    topic: str
    reason: str
    since: datetime
    is_to_resume: bool = False

    def __str__(self) -> str:
        return f"{self.consumer} partition {self.partition}{f' of {self.topic}' if self.topic else ''}: {self.reason}"


async def record_halt(session: AsyncSession, halt: Halt) -> None:
    """Replaces the reason and time of a halt that is recorded already."""
    row = {
        "consumer": halt.consumer,
        "partition": halt.partition,
        "topic": halt.topic,
        "reason": halt.reason,
        "since": halt.since,
    }
    await upsert(session, HaltRow, [row | {"resume_at": None, "resume_by": None}], ["consumer", "partition", "topic"])


async def halts(session: AsyncSession, consumer: str | None = None) -> list[Halt]:
    """Halts of one consumer, or of the whole service, ordered by consumer, partition and topic."""
    query = select(HaltRow).order_by(col(HaltRow.consumer), col(HaltRow.partition), col(HaltRow.topic))
    if consumer is not None:
        query = query.where(HaltRow.consumer == consumer)
    return [_halt(row) for row in (await session.exec(query)).all()]


async def halts_of(session: AsyncSession, consumer: str, partition: int) -> Mapping[str, Halt]:
    """Halts of one partition number of a consumer, by topic."""
    return {halt.topic: halt for halt in await halts(session, consumer) if halt.partition == partition}


async def halted_among(session: AsyncSession, consumer: str | None, partition: int | None) -> list[Halt]:
    """Halts that match the consumer and the partition number; None matches all."""
    return [halt for halt in await halts(session, consumer) if partition in (None, halt.partition)]


async def lift_halt(session: AsyncSession, consumer: str, partition: int, topic: str) -> None:
    here = (HALT.c.consumer == consumer) & (HALT.c.partition == partition) & (HALT.c.topic == topic)
    await session.exec(delete(HALT).where(here))


async def request_resume(
    session: AsyncSession, clock: Clock, actor: str, because: str, consumer: str | None = None, partition: int | None = None
) -> list[Halt]:
    """Ask the owners of the matching halted partitions to resume; returns those halts. Each request is written to the audit
    table."""
    found = await halted_among(session, consumer, partition)
    now = clock.now()
    for halt in found:
        here = (HALT.c.consumer == halt.consumer) & (HALT.c.partition == halt.partition) & (HALT.c.topic == halt.topic)
        await session.exec(update(HALT).where(here).values(resume_at=now, resume_by=actor))
        detail = {"consumer": halt.consumer, "partition": halt.partition, "topic": halt.topic, "because": because}
        subject = f"{halt.consumer}/{halt.partition}"
        session.add(AuditRow(at=now, actor=actor, action="partition.resumed", subject=subject, detail=detail))
    return found


def _halt(row: HaltRow) -> Halt:
    return Halt(row.consumer, row.partition, row.topic, row.reason, row.since, row.resume_at is not None)
