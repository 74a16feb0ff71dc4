"""The relay: publishes the outbox under a lease, in order per key (DESIGN, exactly-once effects, 1)."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import ARRAY, BigInteger, Table, any_, delete, literal
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker, Outgoing, Producer, RecordRefused
from makersync.effects.agreement import may_be_published
from makersync.effects.lease import Lease, release, renew
from makersync.effects.owner import Owner
from makersync.effects.refused_events import Refusal, forget_superseded, refused_up_to, set_aside
from makersync.envelope import CONTENT_TYPE, decode
from makersync.errors import RetryLater
from makersync.store.repeated_look import RepeatedLook
from makersync.store.tables import OutboxRow
from makersync.waiting import pause

log = structlog.get_logger(__name__)
#: Required by the Kafka binding of CloudEvents in structured mode.
HEADERS = (("content-type", CONTENT_TYPE.encode()),)
OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]


class Relay:
    """Publishes batches under a lease. One instance serves one tenure of the lease."""

    def __init__(self, owner: Owner, broker: Broker, lease: Lease, ttl_s: float, deadline_s: float) -> None:
        self._store, self._clock, self._metrics = owner.store, owner.clock, owner.metrics
        self._broker, self._lease = broker, lease
        self._service = lease.name.partition(".")[0]
        self._ttl_s, self._deadline_s = ttl_s, deadline_s
        self._producer: Producer | None = None
        self._look = RepeatedLook(owner.store, owner.clock)

    async def publish_batch(self, size: int) -> int:
        """Publish up to `size` unpublished events, oldest first, and mark or set aside each of them; returns how many.

        The query asks for unpublished rows rather than for ids after the last one, because transactions commit out of order.
        Raises BrokerAway if the outcome is unknown; nothing is then marked, and the whole batch is published again. Raises
        Fenced if the lease is lost.
        """
        if not self._look.is_needed():
            return 0
        async with self._store.reading() as session:
            rows = (await session.exec(self._unpublished(size))).all()
        if not rows:
            self._look.found_nothing()
            return 0
        refusals = await self._publish(rows)
        aside = {refusal.row.id for refusal in refusals}
        published = [row for row in rows if row.id not in aside]
        await self._mark([row.id for row in published], refusals)
        for topic, count in Counter(row.topic for row in published).items():
            self._metrics.events_published.labels(topic).inc(count)
        return len(rows)

    async def _publish(self, rows: Sequence[Any]) -> list[Refusal]:
        """Publish the rows; if the broker refuses one, halve the batch until the refused events are alone, and return those."""
        try:
            await self._send(rows)
        except RecordRefused as refused:
            if len(rows) == 1:
                return [Refusal(rows[0], f"{refused}; {len(rows[0].payload)} bytes")]
            middle = len(rows) // 2
            return [*await self._publish(rows[:middle]), *await self._publish(rows[middle:])]
        return []

    async def _send(self, rows: Sequence[Any]) -> None:
        """A failed batch may have been written in part: a new producer publishes all of it again."""
        producer = self._producer or await self._broker.producer()
        self._producer = producer
        try:
            await producer.publish(
                [Outgoing(r.topic, r.partition, r.key.encode(), r.payload, HEADERS) for r in rows], self._deadline_s
            )
        except (RetryLater, RecordRefused):
            await self.close()
            raise

    def _unpublished(self, size: int) -> Any:
        """While the store is behind its own topics, publishing would put old states after newer ones, so only events that cover
        a foreign record are published."""
        columns = (OUTBOX.c.id, OUTBOX.c.topic, OUTBOX.c.partition, OUTBOX.c.key, OUTBOX.c.version, OUTBOX.c.payload)
        waiting = select(*columns).where(OUTBOX.c.published_at.is_(None), may_be_published())  # type: ignore[call-overload]
        return waiting.order_by(OUTBOX.c.id).limit(size)

    async def _mark(self, ids: list[int], refusals: Sequence[Refusal] = ()) -> None:
        """Mark the events as published, and delete the versions that they replace in the same transaction, where they are cheap
        to find."""
        async with self._store.transaction() as session:
            await renew(session, self._clock, self._lease, self._ttl_s)
            await session.exec(update(OUTBOX).where(self._among(ids)).values(published_at=self._clock.now()))
            await session.exec(delete(OUTBOX).where(OUTBOX.c.id.in_(self._replaced_by(ids))))
            if refusals:
                await set_aside(session, self._clock, self._service, refusals)
        for refusal in refusals:
            row = refusal.row
            log.error("event_refused", topic=row.topic, key=row.key, version=row.version, reason=refusal.reason)

    def _replaced_by(self, ids: list[int]) -> Any:
        """Published events of the same keys with lower versions, found through the index on the versions."""
        older = OUTBOX.alias("older")
        same_key = (older.c.topic == OUTBOX.c.topic) & (older.c.key == OUTBOX.c.key)
        lower = (older.c.version < OUTBOX.c.version) & older.c.published_at.is_not(None)
        return select(older.c.id).select_from(OUTBOX.join(older, same_key & lower)).where(self._among(ids))

    def _among(self, ids: list[int]) -> Any:
        """On PostgreSQL all ids are one array parameter, however many there are; SQLite has no arrays."""
        return OUTBOX.c.id.in_(ids) if self._store.is_sqlite else OUTBOX.c.id == any_(literal(ids, ARRAY(BigInteger)))

    async def keep_lease(self) -> None:
        """Raises Fenced."""
        async with self._store.unnoticed() as session:
            await renew(session, self._clock, self._lease, self._ttl_s)

    async def forget_superseded(self) -> int:
        """Delete refused events of which a newer version has been published; returns how many."""
        async with self._store.reading() as session:
            if await refused_up_to(session, 1) == 0:
                return 0
        async with self._store.transaction() as session:
            await renew(session, self._clock, self._lease, self._ttl_s)
            return await forget_superseded(session, self._clock, self._service)

    async def stir(self) -> int:
        """Publish the newest event of every partition once more; returns how many.

        Kafka closes, and so compacts, a segment only when a later record arrives: on a quiet partition erased data would stay
        forever.
        """
        last = select(func.max(OUTBOX.c.id)).group_by(OUTBOX.c.topic, OUTBOX.c.partition)
        async with self._store.transaction() as session:
            await renew(session, self._clock, self._lease, self._ttl_s)
            statement = update(OUTBOX).where(OUTBOX.c.id.in_(last)).values(published_at=None)
            return (await session.exec(statement)).rowcount

    async def close(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.close()

    async def resign(self) -> None:
        await self.close()
        async with self._store.transaction() as session:
            await release(session, self._clock, self._lease)


async def unpublished(session: AsyncSession) -> int:
    """The number of events that wait to be published."""
    return (await session.exec(select(func.count(col(OutboxRow.id))).where(col(OutboxRow.published_at).is_(None)))).one()


async def oldest_unpublished(session: AsyncSession) -> datetime | None:
    """The time of the oldest unpublished event."""
    query = select(OutboxRow.payload).where(col(OutboxRow.published_at).is_(None)).order_by(col(OutboxRow.id)).limit(1)
    payload = (await session.exec(query)).first()
    return None if payload is None else decode(payload).time


class RelayWaker:
    """Wakes the relay after a commit in this process; events written by other processes are found by polling."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, timeout_s: float) -> None:
        await pause(self._rung, timeout_s)
        self._rung.clear()
