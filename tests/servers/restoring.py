"""A service's store and its topics in memory: what it writes is published, its store restored, both reconciled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select

from contracts.topics import TOPICS
from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Outgoing, TopicSpec
from makersync.effects.audit_report import AuditReport, Disagreement, compare_with_log
from makersync.effects.comparison import compare
from makersync.effects.conditions import Condition, conditions
from makersync.effects.divergence import Case, Divergences, find_divergences
from makersync.effects.lease import acquire, release
from makersync.effects.log_reading import LogReading, own_readers, read_log
from makersync.effects.own_topics import OwnTopics
from makersync.effects.owner import Owner
from makersync.effects.reconciling import Choice, Reconciler, Reconciliation, Report, SubjectSelection, sole_publisher
from makersync.effects.relay import Relay
from makersync.envelope import Event, decode, encode, encode_sequence
from makersync.runtime.service import Context, ServiceDefinition, own_topics
from makersync.store.database import Store
from makersync.topic import Topic, partition_of, schema_name

Dump = dict[str, list[dict[str, Any]]]
EVERYTHING = SubjectSelection()


@dataclass
class RestoredService:
    """One service whose store can be taken back to an earlier moment while its topics stay as they are."""

    context: Context
    definition: ServiceDefinition
    broker: MemoryBroker = field(default_factory=MemoryBroker)

    async def open(self) -> "RestoredService":
        count = self.context.settings.partitions
        await self.broker.create_topics([TopicSpec(each.name, count if each.by_region else 1) for each in TOPICS])
        return self

    @property
    def reconciler(self) -> Reconciler:
        assert self.definition.reconciler is not None
        return self.definition.reconciler(self.context.clock)

    @property
    def own(self) -> OwnTopics:
        return own_topics(self.definition, self.context.settings)

    async def publish(self) -> None:
        """What the relay does, until nothing waits."""
        store, clock = self.context.store, self.context.clock
        async with store.transaction() as session:
            lease = await acquire(session, clock, "test.relay", "test", 60.0)
        assert lease is not None
        relay = Relay(Owner("test", store, clock, self.context.metrics), self.broker, lease, 60.0, 10.0)
        while await relay.publish_batch(500):
            pass
        await relay.close()
        async with store.transaction() as session:
            await release(session, clock, lease)

    async def put(self, topic: Topic, key: str, value: bytes | None) -> None:
        """A record, whatever it is, as a stranger writes it."""
        region = key.partition("/")[0]
        partition = partition_of(region, self.context.settings.partitions) if topic.by_region else 0
        producer = await self.broker.producer()
        await producer.publish([Outgoing(topic.name, partition, key.encode(), value)], 1.0)  # type: ignore[arg-type]
        await producer.close()

    async def dump(self) -> Dump:
        return await dump(self.context.store, self.definition)

    async def restore(self, earlier: Dump) -> None:
        await take_back(self.context.store, self.definition, earlier)

    async def start(self) -> list[Condition]:
        """What a process of the service finds before it takes any change."""
        context = self.context
        await compare(Owner("test", context.store, context.clock, context.metrics), self.broker, self.own)
        async with context.store.reading() as session:
            return await conditions(session)

    async def compare(self) -> Divergences:
        count, final = self.context.settings.partitions, self.reconciler.final_types
        return await find_divergences(self.context.store, self.broker, self.definition.topics, count, final)

    async def differences(self) -> list[tuple[str, str]]:
        return [(case.subject, case.difference.value) for case in (await self.compare()).cases]

    async def reconcile(self, choice: Choice, selection: SubjectSelection = EVERYTHING) -> Report:
        context = self.context
        async with sole_publisher(context.store, context.clock, self.definition.name, "test") as lease:
            cases: tuple[Case, ...] = (await self.compare()).cases
            run = Reconciliation(context.store, context.clock, context.outbox, self.reconciler, self.own, lease, "test")
            report = await run.run(cases, choice, selection)
        await self.publish()
        assert report.left or selection != EVERYTHING or not await self.disagreements()
        return report

    async def disagreements(self) -> list[Disagreement]:
        """Where what the store holds of its own subjects is not what its topics end with."""
        log, verdict = await self._read_log(self.definition.topics), AuditReport()
        mine = {topic.name for topic in self.definition.topics}
        views = [view for view in self.definition.views if mine.issuperset(view.topics)]
        await compare_with_log(log, self.context.store, views, verdict)
        return verdict.disagreements

    async def disagreements_with_all(self) -> list[Disagreement]:
        """Where what the store holds of any subject is not what the topics end with."""
        log, verdict = await self._read_log(TOPICS), AuditReport()
        await compare_with_log(log, self.context.store, self.definition.views, verdict)
        return verdict.disagreements

    async def ends(self, topic: Topic) -> dict[str, Event]:
        """What a reader of the topic takes last, by key."""
        log = await self._read_log([topic])
        return {key: decode(told.newest.value) for (_, key), told in log.keys.items() if told.newest is not None}

    async def _read_log(self, topics: Sequence[Topic]) -> LogReading:
        return await read_log(self.broker, own_readers(topics), self.context.settings.partitions)


async def dump(store: Store, definition: ServiceDefinition) -> Dump:
    """Everything that a service has stored."""
    async with store.engine.connect() as connection:
        return {
            table.name: [dict(row._mapping) for row in await connection.execute(select(table))] for table in _tables(definition)
        }


async def take_back(store: Store, definition: ServiceDefinition, earlier: Dump) -> None:
    """As a backup does. An empty dump: the store was lost."""
    tables = _tables(definition)
    async with store.engine.begin() as connection:
        for table in reversed(tables):
            await connection.execute(delete(table))
        for table in tables:
            if rows := earlier.get(table.name):
                await connection.execute(insert(table), rows)


def _tables(definition: ServiceDefinition) -> Sequence[Table]:
    return [table for metadata in definition.metadata for table in metadata.sorted_tables]


def unreadable_event(topic: Topic, key: str, version: int) -> bytes:
    """An event of a stranger's that no reader understands."""
    region, _, subject = key.partition("/")
    event = Event(
        id="strange",
        source="/stranger",
        type=next(iter(topic.types)),
        subject=subject,
        time=datetime.now(UTC),
        dataschema=schema_name(topic),
        partitionkey=region,
        sequence=encode_sequence(version),
        data={"strange": True},
    )
    return encode(event)
