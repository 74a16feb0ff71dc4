"""A toy: one service sets left and right halves of subjects; another joins them and publishes every pair that changes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Table, delete, insert
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Outgoing, Record, TopicPartition, TopicSpec
from makersync.broker.topics import LOG_IDENTITY_TOPIC
from makersync.clock import ManualClock
from makersync.effects.conditions import Condition, conditions
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.consumer_port import Batch, Consumer, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.lease import Lease, acquire
from makersync.effects.log_identity import KnownLog
from makersync.effects.outbox import NewEvent, Outbox
from makersync.effects.own_topics import OwnTopics
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.reading import Reader, ReaderModel
from makersync.effects.relay import Relay
from makersync.envelope import Envelope, Event, decode, encode
from makersync.store.database import Store
from makersync.store.tables import KitModel, LeaseRow, OutboxRow
from makersync.store.upserts import upsert
from makersync.telemetry import create_metrics
from makersync.topic import Topic, WireModel, partition_of
from makersync.tracing import Trace

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PARTITIONS = 4
#: Regions of partitions 0 to 3.
REGIONS = tuple(next(f"r{n}" for n in range(99) if partition_of(f"r{n}", PARTITIONS) == number) for number in range(PARTITIONS))
TTL_S, DEADLINE_S = 6.0, 10.0
LEFT_HALF, RIGHT_HALF = "left", "right"


class HalfState(WireModel):
    subject: str
    value: int


class HalfEnded(WireModel):
    subject: str


class PairState(WireModel):
    subject: str
    left: int | None = None
    right: int | None = None


def _topic(name: str, **types: type[WireModel]) -> Topic:
    owner = name.partition(".")[0]
    named = MappingProxyType({f"{owner}.{kind}": model for kind, model in types.items()})
    return Topic(name, owner, None, "", named, dict.fromkeys(named, "{subject}"))


LEFT = _topic("halves.left.v1", HalfSet=HalfState, HalfEnded=HalfEnded)
RIGHT = _topic("halves.right.v1", HalfSet=HalfState, HalfEnded=HalfEnded)
PAIR = _topic("pairs.pair.v1", PairChanged=PairState)
HALVES: Mapping[str, Topic] = {LEFT_HALF: LEFT, RIGHT_HALF: RIGHT}


def own_topics(service: str, *topics: Topic, when_lost: str = "") -> OwnTopics:
    return OwnTopics(service, {topic.name: PARTITIONS for topic in topics}, when_lost)


class ToyModel(SQLModel, registry=registry()):
    pass


class HalfRow(ToyModel, table=True):
    """A half: the owner's own in the halves' service, the reader's copy in the pairs' service. Without a value it has ended."""

    __tablename__ = "half"

    side: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    number: int
    version: int
    value: int | None = None


class PairRow(ToyModel, table=True):
    __tablename__ = "pair"

    key: str = Field(primary_key=True)
    number: int
    version: int
    left: int | None = None
    right: int | None = None


class LedgerRow(ToyModel, table=True):
    """Every effect, only ever appended: lost, duplicated or reordered effects show here."""

    __tablename__ = "ledger"

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)
    )
    side: str
    key: str
    version: int


class HalfRead(ReaderModel):
    subject: str
    value: int


class HalfEndRead(ReaderModel):
    subject: str


READERS = {topic.name: Reader(topic, {"HalfSet": HalfRead, "HalfEnded": HalfEndRead}) for topic in HALVES.values()}
SIDES = {topic.name: side for side, topic in HALVES.items()}


@dataclass
class Joined:
    """The result of a batch."""

    halves: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    pairs: dict[str, dict[str, Any]] = field(default_factory=dict)
    effects: list[dict[str, Any]] = field(default_factory=list)
    causes: dict[str, Envelope] = field(default_factory=dict)


async def _nothing(_work: "JoinWork") -> None:
    return None


class JoinWork:
    """Joins the halves of one partition number in memory, and writes the changes. `before_write` is a hook for tests."""

    before_write: Callable[["JoinWork"], Awaitable[None]] = staticmethod(_nothing)

    def __init__(self, number: int, outbox: Outbox) -> None:
        self.number, self._outbox = number, outbox
        self._halves: dict[tuple[str, str], tuple[int, int | None]] = {}
        self._pairs: dict[str, tuple[int, int | None, int | None]] = {}
        self.standing: Standing | None = None
        self.loaded_from: Hold | None = None
        self.batches: list[int] = []

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        self.loaded_from = hold
        for half in (await session.exec(select(HalfRow).where(HalfRow.number == self.number))).all():
            self._halves[half.side, half.key] = (half.version, half.value)
        for pair in (await session.exec(select(PairRow).where(PairRow.number == self.number))).all():
            self._pairs[pair.key] = (pair.version, pair.left, pair.right)

    def due(self, standing: Standing) -> bool:
        return self.standing is not None and self.standing != standing

    async def known(self, store: Store, batch: Batch) -> list[KnownSubject]:
        keys = [(SIDES[each.record.topic], f"{each.event.partitionkey}/{each.event.subject}") for each in batch]
        return [KnownSubject(self._halves.get(key, (0, None))[0]) for key in keys]

    async def prepare(self, batch: Batch, behind: int = 0) -> Joined:
        joined = Joined()
        self.batches.append(len(batch))
        for received in batch:
            side, key = SIDES[received.record.topic], f"{received.event.partitionkey}/{received.event.subject}"
            version = received.event.version
            if version <= self._halves.get((side, key), (0, None))[0]:
                continue
            value = received.data.value if isinstance(received.data, HalfRead) else None
            self._halves[side, key] = (version, value)
            joined.halves[side, key] = {"side": side, "key": key, "number": self.number, "version": version, "value": value}
            joined.effects.append({"side": side, "key": key, "version": version})
            joined.causes[key] = received.event
        for key in joined.causes:
            self._join(key, joined)
        return joined

    def _join(self, key: str, joined: Joined) -> None:
        left, right = (self._halves.get((side, key), (0, None))[1] for side in (LEFT_HALF, RIGHT_HALF))
        version, *before = self._pairs.get(key, (0, None, None))
        if [left, right] != before:
            self._pairs[key] = (version + 1, left, right)
            joined.pairs[key] = {"key": key, "number": self.number, "version": version + 1, "left": left, "right": right}

    async def write(self, session: AsyncSession, prepared: Joined, standing: Standing) -> Standing:
        await self.before_write(self)
        await upsert(session, HalfRow, list(prepared.halves.values()), ["side", "key"])
        await upsert(session, PairRow, list(prepared.pairs.values()), ["key"])
        if prepared.effects:
            await session.exec(insert(LedgerRow.__table__), params=prepared.effects)  # type: ignore[attr-defined]
        events = [pair_event(pair, prepared.causes.get(key)) for key, pair in prepared.pairs.items()]
        await self._outbox.record(session, events)
        return self.standing or standing


def pair_event(pair: Mapping[str, Any], cause: Envelope | None) -> NewEvent:
    region, _, subject = pair["key"].partition("/")
    state = PairState(subject=subject, left=pair["left"], right=pair["right"])
    return NewEvent(PAIR, "PairChanged", subject, region, pair["version"], state, cause)


def half_event(side: str, key: str, version: int, value: int | None) -> NewEvent:
    region, _, subject = key.partition("/")
    if value is None:
        return NewEvent(HALVES[side], "HalfEnded", subject, region, version, HalfEnded(subject=subject))
    return NewEvent(HALVES[side], "HalfSet", subject, region, version, HalfState(subject=subject, value=value))


class Halves:
    """The service that owns the halves: one transaction sets a half and writes its event."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store, self._outbox = store, outbox

    async def set(self, side: str, key: str, value: int | None) -> int:
        """Returns the half's new version."""
        async with self._store.transaction() as session:
            return await self.set_within(session, side, key, value)

    async def set_within(self, session: AsyncSession, side: str, key: str, value: int | None) -> int:
        row = await session.get(HalfRow, (side, key))
        version = 1 if row is None else row.version + 1
        number = partition_of(key.partition("/")[0], PARTITIONS)
        half = {"side": side, "key": key, "number": number, "version": version, "value": value}
        await upsert(session, HalfRow, [half], ["side", "key"])
        await self._outbox.record(session, [half_event(side, key, version, value)])
        return version


def toy_outbox(name: str, clock: ManualClock) -> Outbox:
    return Outbox(f"/toys/{name}", clock, PARTITIONS)


def envelope(side: str, key: str, version: int, value: int | None = 1) -> Event:
    """The event as the halves' service writes it."""
    outbox = toy_outbox("halves", ManualClock(NOW))
    return decode(encode(outbox._sealed(half_event(side, key, version, value), NOW, Trace())))


def outgoing(side: str, key: str, version: int, value: int | None = 1) -> Outgoing:
    event = envelope(side, key, version, value)
    return Outgoing(HALVES[side].name, partition_of(event.partitionkey, PARTITIONS), key.encode(), encode(event))


async def open_store(url: str) -> Store:
    """A store with the kit's tables and the toy's."""
    store = Store(url)
    await create_tables(store)
    return store


async def create_tables(store: Store) -> None:
    async with store.engine.begin() as connection:
        await connection.run_sync(KitModel.metadata.create_all)
        await connection.run_sync(ToyModel.metadata.create_all)


Dump = dict[str, list[dict[str, Any]]]


async def dump(store: Store) -> Dump:
    """The whole content of the database."""
    async with store.engine.connect() as connection:
        return {table.name: [dict(row._mapping) for row in await connection.execute(select(table))] for table in all_tables()}


async def restore(store: Store, content: Dump) -> None:
    """Restore a backup; everything written after it is lost."""
    async with store.engine.begin() as connection:
        for table in all_tables():
            await connection.execute(delete(table))
            if rows := content.get(table.name):
                await connection.execute(insert(table), rows)


def all_tables() -> list[Table]:
    return [*KitModel.metadata.sorted_tables, *ToyModel.metadata.sorted_tables]


TOPICS = [TopicSpec(LEFT.name, PARTITIONS), TopicSpec(RIGHT.name, PARTITIONS), TopicSpec(PAIR.name, PARTITIONS)]


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

    def loop(self, name: str = "one", rests: Callable[[], bool] = lambda: False, **pace: Any) -> ConsumerLoop:
        slow = {"fetch_wait_s": 0.0, "replay_poll_s": 0.0, "retry_s": 0.0}
        return ConsumerLoop(
            self.consumer(), self.broker, self.owner(name), KnownLog(self.log_id, PARTITIONS), Pace(**(slow | pace)), rests
        )

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


def last_of_each_key(records: Sequence[Record]) -> dict[str, int]:
    """What compaction would keep: the version of each key's last record."""
    return {(record.key or b"").decode(): decode(record.value).version for record in records}


def at(side: str, number: int) -> TopicPartition:
    return TopicPartition(HALVES[side].name, number)


def pass_time(clock: ManualClock, seconds: float) -> None:
    clock.move_to(clock.now() + timedelta(seconds=seconds))
