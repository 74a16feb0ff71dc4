"""The outbox: an event is written in the transaction that changes the state it tells of (DESIGN, exactly-once effects, 1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlmodel import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.contracts.topics import CATALOG_PARTITION_KEY, Topic, partition_of, schema_name
from makersync.contracts.wire import WireModel
from makersync.envelope import Event, encode, encode_sequence
from makersync.store.tables import OutboxRow
from makersync.tracing import current_trace


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened. `kind` is the short name of an event type of `topic`, such as `OpeningPublished`.

    `region` is the partition key (None on the catalog's single partition), `version` the subject's new version, `state` its
    whole public state at that version, and `cause` the event that this one follows from, if any.
    """

    topic: Topic
    kind: str
    subject: str
    region: str | None
    version: int
    state: WireModel
    cause: Event | None = None

    @property
    def partition_key(self) -> str:
        return CATALOG_PARTITION_KEY if self.region is None else self.region

    @property
    def key(self) -> str:
        return f"{self.partition_key}/{self.subject}"


class Outbox:
    """Writes events of one service. `source` names it in the envelope, such as `/makersync/openings`."""

    def __init__(self, source: str, clock: Clock, partitions: int) -> None:
        self._source = source
        self._clock = clock
        self._partitions = partitions

    async def record(self, session: AsyncSession, events: Sequence[NewEvent]) -> None:
        """Write the events into the session's transaction. Raises IntegrityError when a version of a key exists already."""
        if not events:
            return
        now = self._clock.now()
        await session.exec(insert(OutboxRow.__table__), params=[self._row(event, now) for event in events])  # type: ignore[attr-defined]

    def _row(self, event: NewEvent, now: datetime) -> dict[str, object]:
        return {
            "topic": event.topic.name,
            "partition": partition_of(event.partition_key, self._partitions) if event.topic.by_region else 0,
            "key": event.key,
            "version": event.version,
            "payload": encode(self._envelope(event, now)),
            "published_at": None,
        }

    def _envelope(self, event: NewEvent, now: datetime) -> Event:
        type_name = f"{event.topic.owner}.{event.kind}"
        if not isinstance(event.state, event.topic.types[type_name]):
            raise TypeError(f"{type_name} carries {event.topic.types[type_name].__name__}, not {type(event.state).__name__}")
        trace, cause = current_trace(), event.cause
        return Event(
            id=str(uuid4()),
            source=self._source,
            type=type_name,
            subject=event.subject,
            time=now,
            dataschema=schema_name(event.topic),
            partitionkey=event.partition_key,
            sequence=encode_sequence(event.version),
            correlationid=(cause.correlationid if cause else None) or trace.correlation_id,
            causationid=cause.id if cause else None,
            traceparent=(cause.traceparent if cause else None) or trace.traceparent,
            origintime=cause.origin if cause else None,
            data=event.state.model_dump(mode="json", exclude_none=True),
        )
