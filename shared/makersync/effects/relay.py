"""The relay: publishes what the outbox holds, in order per key, under a lease (DESIGN, exactly-once effects, 1)."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from sqlalchemy import ARRAY, BigInteger, Table, any_, delete, literal, literal_column
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker, Outgoing, Producer
from makersync.clock import Clock
from makersync.effects.owner import Owner
from makersync.envelope import CONTENT_TYPE, decode
from makersync.errors import Fenced, RetryLater
from makersync.store.database import upsert
from makersync.store.tables import LeaseRow, OutboxRow

log = structlog.get_logger(__name__)
#: As CloudEvents' Kafka binding wants it in structured mode.
HEADERS = (("content-type", CONTENT_TYPE.encode()),)
LEASE = cast(Table, LeaseRow.__table__)  # type: ignore[attr-defined]
OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Lease:
    name: str
    owner: str
    epoch: int


async def acquire(session: AsyncSession, clock: Clock, name: str, owner: str, ttl_s: float) -> Lease | None:
    """Take the lease when it is free, expired, or the caller's already; None while another holds it."""
    now = clock.now()
    fresh = {"name": name, "owner": "", "epoch": 0, "expires_at": now}
    await upsert(session, LeaseRow, [fresh], ["name"], newer_by="epoch")
    free = (LEASE.c.name == name) & ((LEASE.c.expires_at <= now) | (LEASE.c.owner == owner))
    values = {"owner": owner, "epoch": LEASE.c.epoch + 1, "expires_at": now + timedelta(seconds=ttl_s)}
    result = await session.exec(update(LEASE).where(free).values(**values))
    if result.rowcount != 1:
        return None
    epoch = (await session.exec(select(LeaseRow.epoch).where(LeaseRow.name == name))).one()
    return Lease(name, owner, epoch)


async def seize(session: AsyncSession, clock: Clock, name: str, owner: str, ttl_s: float) -> tuple[Lease, bool]:
    """Take the lease whoever holds it, for an operator's command; also returns whether somebody did. Its relay is fenced."""
    now = clock.now()
    await upsert(session, LeaseRow, [{"name": name, "owner": "", "epoch": 0, "expires_at": now}], ["name"], newer_by="epoch")
    held = (await session.exec(select(LeaseRow.expires_at).where(LeaseRow.name == name))).one() > now
    values = {"owner": owner, "epoch": LEASE.c.epoch + 1, "expires_at": now + timedelta(seconds=ttl_s)}
    await session.exec(update(LEASE).where(LEASE.c.name == name).values(**values))
    epoch = (await session.exec(select(LeaseRow.epoch).where(LeaseRow.name == name))).one()
    return Lease(name, owner, epoch), held


async def renew(session: AsyncSession, clock: Clock, lease: Lease, ttl_s: float) -> None:
    """Raises Fenced when another has taken the lease."""
    mine = (LEASE.c.name == lease.name) & (LEASE.c.epoch == lease.epoch)
    values = {"expires_at": clock.now() + timedelta(seconds=ttl_s)}
    result = await session.exec(update(LEASE).where(mine).values(**values))
    if result.rowcount != 1:
        raise Fenced(f"lease {lease.name}: epoch {lease.epoch} is over")


async def release(session: AsyncSession, clock: Clock, lease: Lease) -> None:
    """Let the next one in at once; harmless when the lease is lost already."""
    mine = (LEASE.c.name == lease.name) & (LEASE.c.epoch == lease.epoch)
    await session.exec(update(LEASE).where(mine).values(expires_at=clock.now()))


class Relay:
    """Publishes batches under a lease. One instance serves one holding of the lease."""

    def __init__(self, owner: Owner, broker: Broker, lease: Lease, ttl_s: float, deadline_s: float) -> None:
        self._store, self._clock, self._metrics = owner.store, owner.clock, owner.metrics
        self._broker, self._lease = broker, lease
        self._ttl_s, self._deadline_s = ttl_s, deadline_s
        self._producer: Producer | None = None

    async def publish_batch(self, size: int) -> int:
        """Publish up to `size` unpublished events, oldest first, and mark them; returns how many.

        It takes what is unpublished, never "ids after the last one": transactions commit out of order. Raises BrokerAway on
        doubt: nothing is marked, and all of it is published again. Raises Fenced when the lease is lost.
        """
        async with self._store.reading() as session:
            rows = (await session.exec(self._unpublished(size))).all()
        if not rows:
            return 0
        producer = self._producer or await self._broker.producer()
        self._producer = producer
        try:
            await producer.publish(
                [Outgoing(r.topic, r.partition, r.key.encode(), r.payload, HEADERS) for r in rows], self._deadline_s
            )
        except RetryLater:
            await self.close()
            raise
        await self._mark([row.id for row in rows])
        for topic, count in Counter(row.topic for row in rows).items():
            self._metrics.events_published.labels(topic).inc(count)
        return len(rows)

    def _unpublished(self, size: int) -> Any:
        columns = (OUTBOX.c.id, OUTBOX.c.topic, OUTBOX.c.partition, OUTBOX.c.key, OUTBOX.c.payload)
        return select(*columns).where(OUTBOX.c.published_at.is_(None)).order_by(OUTBOX.c.id).limit(size)  # type: ignore[call-overload]

    async def _mark(self, ids: list[int]) -> None:
        async with self._store.transaction() as session:
            await renew(session, self._clock, self._lease, self._ttl_s)
            await session.exec(update(OUTBOX).where(self._among(ids)).values(published_at=self._clock.now()))

    def _among(self, ids: list[int]) -> Any:
        """PostgreSQL takes the ids as one parameter, however many; SQLite has no arrays."""
        return OUTBOX.c.id.in_(ids) if self._store.is_sqlite else OUTBOX.c.id == any_(literal(ids, ARRAY(BigInteger)))

    async def keep_lease(self) -> None:
        """Raises Fenced."""
        async with self._store.transaction() as session:
            await renew(session, self._clock, self._lease, self._ttl_s)

    async def prune(self) -> int:
        """Forget published events that a newer published one of the same key has replaced; returns how many."""
        newer = OUTBOX.alias("newer")
        replaced: Any = (
            select(literal_column("1"))
            .select_from(newer)
            .where(newer.c.topic == OUTBOX.c.topic, newer.c.key == OUTBOX.c.key)
            .where(newer.c.version > OUTBOX.c.version, newer.c.published_at.is_not(None))
        )
        async with self._store.transaction() as session:
            await renew(session, self._clock, self._lease, self._ttl_s)
            statement = delete(OUTBOX).where(OUTBOX.c.published_at.is_not(None), replaced.exists())
            return (await session.exec(statement)).rowcount

    async def stir(self) -> int:
        """Publish the newest event of every partition once more; returns how many.

        Kafka closes a segment, and so compacts it, only when a record comes after it: on a quiet partition what an erasure
        has replaced would stay for ever.
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
    """How many events wait for the broker."""
    return (await session.exec(select(func.count(col(OutboxRow.id))).where(col(OutboxRow.published_at).is_(None)))).one()


async def oldest_unpublished(session: AsyncSession) -> datetime | None:
    """When that happened which waits longest for the broker."""
    query = select(OutboxRow.payload).where(col(OutboxRow.published_at).is_(None)).order_by(col(OutboxRow.id)).limit(1)
    payload = (await session.exec(query)).first()
    return None if payload is None else decode(payload).time


class Doorbell:
    """Wakes the relay after a commit of this process; what other processes wrote is found by polling."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, timeout_s: float) -> None:
        try:
            await asyncio.wait_for(self._rung.wait(), timeout_s)
        except TimeoutError:
            return
        finally:
            self._rung.clear()
