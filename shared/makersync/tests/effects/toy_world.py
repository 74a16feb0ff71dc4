"""One service of the toy on an in-memory broker, with factories for the parts of the kit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Outgoing, TopicSpec
from makersync.broker.topics import LOG_IDENTITY_TOPIC
from makersync.clock import ManualClock
from makersync.effects.conditions import Condition, conditions
from makersync.effects.consumer import ConsumerLoop, Reserve
from makersync.effects.consumer_port import Consumer
from makersync.effects.lease import Lease, acquire
from makersync.effects.log_identity import KnownLog
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.relay import Relay
from makersync.effects.restored_store import RestorationWatch
from makersync.envelope import decode
from makersync.store.database import Store
from makersync.store.tables import LeaseRow, OutboxRow
from makersync.telemetry import create_metrics
from makersync.topic import Topic

from .toy_services import READERS, Halves, JoinWork
from .toy_stores import LedgerRow, PairRow
from .toys import PARTITIONS, TOPICS, toy_outbox

TTL_S, DEADLINE_S = 6.0, 10.0


async def write_identity(broker: MemoryBroker, log_id: str) -> None:
    await broker.create_topics([*TOPICS, TopicSpec(LOG_IDENTITY_TOPIC, 1)])
    broker.append([Outgoing(LOG_IDENTITY_TOPIC, 0, log_id.encode(), b'{"log_id": "%s"}' % log_id.encode())])


@dataclass
class World:
    """One service's database, an in-memory broker, a clock that does not move by itself, and factories for the kit's parts."""

    store: Store
    broker: MemoryBroker
    clock: ManualClock
    log_id: str = "log-1"
    works: list[JoinWork] = field(default_factory=list)

    def owner(self, name: str = "one") -> Owner:
        return Owner(name, self.store, self.clock, create_metrics())

    @property
    def halves(self) -> Halves:
        return Halves(self.store, toy_outbox("halves", self.clock))

    def consumer(self, name: str = "pairs") -> Consumer:
        def work(number: int) -> JoinWork:
            self.works.append(JoinWork(number, toy_outbox("pairs", self.clock)))
            return self.works[-1]

        return Consumer(name, READERS, work, publishes=True)

    def watch(self) -> RestorationWatch:
        return RestorationWatch(self.owner(), self.broker, "toys", self.log_id)

    def loop(self, name: str = "one", rests: Callable[[], bool] = lambda: False, **pace: Any) -> ConsumerLoop:
        slow = {"fetch_wait_s": 0.0, "replay_poll_s": 0.0, "retry_s": 0.0}
        known_log, chosen = KnownLog(self.log_id, PARTITIONS), Pace(**(slow | pace))
        return ConsumerLoop(self.consumer(), self.broker, self.owner(name), known_log, chosen, Reserve(rests, self.watch()))

    async def lease(self, name: str = "one", ttl_s: float = TTL_S) -> Lease | None:
        async with self.store.transaction() as session:
            return await acquire(session, self.clock, "toys.relay", name, ttl_s)

    async def lease_of(self, name: str) -> Lease | None:
        """Like `lease`, for the publisher named `toys`."""
        return await self.lease(name, 0.6)

    async def lease_expiry(self) -> datetime:
        async with self.store.reading() as session:
            return (await session.exec(select(LeaseRow.expires_at))).one()

    async def pass_lease_time(self, seconds: float) -> None:
        """As if the database's clock had moved on, which a test cannot do on PostgreSQL."""
        async with self.store.transaction() as session:
            lease = (await session.exec(select(LeaseRow))).one()
            lease.expires_at -= timedelta(seconds=seconds)
            session.add(lease)

    async def relay(self, name: str = "one") -> Relay:
        lease = await self.lease(name)
        assert lease is not None
        return Relay(self.owner(name), self.broker, lease, TTL_S, DEADLINE_S)

    def write(self, *records: Outgoing) -> None:
        self.broker.append(records)

    def twin(self, topic: Topic, key: str, version: int) -> Outgoing:
        """A second copy of a record in the log."""
        for record in self.broker.records(topic.name):
            if record.key == key.encode() and decode(record.value).version == version:
                return Outgoing(topic.name, record.partition, key.encode(), record.value or b"")
        raise LookupError(f"{topic.name} holds no version {version} of {key}")

    async def conditions(self) -> list[Condition]:
        async with self.store.reading() as session:
            return await conditions(session)

    def versions(self, topic: Topic, key: str | None = None) -> list[int]:
        """The versions in the log, in the order of the log."""
        records = [record for record in self.broker.records(topic.name) if key is None or record.key == key.encode()]
        return [decode(record.value).version for record in records]

    async def waiting(self) -> list[tuple[str, int]]:
        """Key and version of each unpublished outbox row, in order."""
        query = select(OutboxRow.key, OutboxRow.version).where(col(OutboxRow.published_at).is_(None))
        async with self.store.reading() as session:
            return [(key, version) for key, version in (await session.exec(query.order_by(col(OutboxRow.id)))).all()]

    async def ledger(self) -> list[tuple[str, str, int]]:
        async with self.store.reading() as session:
            rows = (await session.exec(select(LedgerRow).order_by(col(LedgerRow.id)))).all()
        return [(row.side, row.key, row.version) for row in rows]

    async def pairs(self) -> dict[str, tuple[int | None, int | None]]:
        async with self.store.reading() as session:
            rows = (await session.exec(select(PairRow))).all()
        return {row.key: (row.left, row.right) for row in rows}


async def drain(loop: ConsumerLoop, rounds: int = 3) -> int:
    """Run rounds until `rounds` in a row had nothing to do; returns the number of records processed."""
    processed, quiet = 0, 0
    while quiet < rounds:
        count = await loop.round()
        processed, quiet = processed + count, 0 if count else quiet + 1
    return processed


async def work_off(world: "World", **pace: Any) -> ConsumerLoop:
    """A loop that joins, does all available work, and leaves."""
    loop = world.loop(**pace)
    await drain(loop)
    assert loop._member is not None
    await loop._member.close()
    return loop
