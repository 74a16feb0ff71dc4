"""The identity of the log that a service works on (DESIGN, exactly-once effects, 7)."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import structlog
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker, TopicPartition, TopicsMissing
from makersync.broker.topics import read_log_id
from makersync.effects.agreement import forget_marks
from makersync.errors import LogReplaced, OperatorError, RetryLater
from makersync.store.database import Store
from makersync.store.tables import FenceRow, LogIdentityRow, OutboxRow
from makersync.store.upserts import upsert
from makersync.waiting import pause

log = structlog.get_logger(__name__)
ASK_EVERY_S = 4.0
#: After an embedded broker has lost its log, every process that worked on it has noticed within this time and stopped writing.
NOTICED_S = ASK_EVERY_S + 1.0


@dataclass(frozen=True, slots=True)
class KnownLog:
    """The log that a process has recognised: its id, and the number of partitions of every topic by region."""

    id: str
    partitions: int


async def recognise_log(store: Store, broker: Broker, on_replaced: Literal["refuse", "republish"]) -> str:
    """At the start of a service, check which log it is connected to; returns the log's id.

    The log was replaced if its id differs from the stored one, or if it does not reach a stored offset. With `refuse`, raises
    OperatorError; with `republish`, publishes the newest event of every key again and reads every topic from the start.
    """
    log_id = await read_log_id(broker)
    async with store.reading() as session:
        known = await session.get(LogIdentityRow, 1)
        fences = (await session.exec(select(FenceRow))).all()
    problem = None if known is None else await _what_is_wrong(broker, known.log_id, log_id, fences)
    if problem is not None and on_replaced == "refuse":
        raise OperatorError(
            f"{problem}. Events may be missing from it, so the service will not work on it. Bring the right log "
            "back; or, if it is lost for good, set MAKERSYNC_REPLACED_LOG=republish for one start of every service."
        )
    async with store.transaction() as session:
        await upsert(session, LogIdentityRow, [{"id": 1, "log_id": log_id}], ["id"])
        if problem is not None:
            log.warning("log_replaced", problem=problem)
            await start_over(session)
    return log_id


async def start_over(session: AsyncSession) -> None:
    """Publish the newest event of every key again, and read every topic from its first record. Readers drop duplicates by
    version."""
    await session.exec(update(FenceRow).values(offsets={}, epoch=FenceRow.epoch + 1))
    await forget_marks(session)
    await publish_again(session)


async def publish_again(session: AsyncSession, topic: str | None = None, subject: str | None = None) -> int:
    """Mark the newest event of every key as unpublished, optionally only for a topic or a subject; returns how many."""
    newest = select(func.max(OutboxRow.id)).group_by(col(OutboxRow.topic), col(OutboxRow.key))
    if topic is not None:
        newest = newest.where(OutboxRow.topic == topic)
    if subject is not None:
        newest = newest.where(col(OutboxRow.key).endswith(f"/{subject}", autoescape=True))
    result = await session.exec(update(OutboxRow).where(col(OutboxRow.id).in_(newest)).values(published_at=None))
    return result.rowcount


async def watch_log(broker: Broker, log_id: str, stop: asyncio.Event, every_s: float = ASK_EVERY_S) -> None:
    """Check the log's identity until `stop` is set, in every process that reads or writes the log. Raises LogReplaced.

    A process that only reads may continue in a new log from positions in the old one. It never writes, so no fence would stop
    it.
    """
    while not stop.is_set():
        with suppress(RetryLater):
            await assert_same_log(broker, log_id)
        await pause(stop, every_s)


async def assert_same_log(broker: Broker, log_id: str) -> None:
    """Raises LogReplaced, which ends the process; its next start decides what follows."""
    try:
        current = await read_log_id(broker)
    except TopicsMissing as error:
        raise LogReplaced(f"the broker's log has no identity any more; this process works on {log_id}") from error
    if current != log_id:
        raise LogReplaced(f"the broker's log is {current}; this process works on {log_id}")


async def _what_is_wrong(broker: Broker, known: str, current: str, fences: Sequence[FenceRow]) -> str | None:
    if known != current:
        return f"The broker's log is {current}, not {known} that this service has worked on"
    needed = sorted((TopicPartition(topic, row.partition), offset) for row in fences for topic, offset in row.offsets.items())
    bounds = await broker.bounds(sorted({at.topic for at, _ in needed}))
    for at, offset in needed:
        first, end = bounds.get(at, (0, 0))
        if offset > end:
            return f"The log of {at.topic} partition {at.partition} ends at {end}; this service has read up to {offset}"
        if offset < first:
            return (
                f"The log of {at.topic} partition {at.partition} begins at {first}; this service has read only up to {offset}"
            )
    return None
