"""The outbox: an event is written in the same transaction as the state change it describes (DESIGN, exactly-once effects,
1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from msgspec import Raw
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.envelope import Envelope, SealedEvent, encode, encode_sequence
from makersync.store.activity import note_own
from makersync.store.tables import OutboxRow
from makersync.store.upserts import Row, insert_rows
from makersync.topic import Topic, WireModel, partition_of, schema_name
from makersync.tracing import Trace, current_trace

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to publish. `kind` is the short name of an event type of `topic`, such as `OpeningPublished`.

    `region` is the partition key (None on a topic that is not by region), `version` the subject's new version, `state` its
    whole public state at that version, and `cause` the event that led to this one, if any. State that is encoded as JSON
    already is published unchanged; the caller must ensure that it meets the contract.
    """

    topic: Topic
    kind: str
    subject: str
    region: str | None
    version: int
    state: WireModel | Raw
    cause: Envelope | None = None

    @property
    def partition_key(self) -> str:
        key = self.topic.partition_key or self.region
        if key is None:
            raise ValueError(f"an event of {self.topic.name} has a region")
        return key

    @property
    def key(self) -> str:
        return f"{self.partition_key}/{self.subject}"


class Outbox:
    """Writes the events of one service. `source` is the envelope's source, such as `/makersync/openings`."""

    def __init__(self, source: str, clock: Clock, partitions: int) -> None:
        self._source = source
        self._clock = clock
        self._partitions = partitions

    async def record(self, session: AsyncSession, events: Sequence[NewEvent]) -> None:
        """Write the events in the session's transaction, and note them as what the caller did. Raises IntegrityError if the
        key already has that version."""
        await self.write(session, self.rows(events))
        # A subject that several regions are told of was changed once.
        for kind, subject in dict.fromkeys((event.kind, event.subject) for event in events):
            note_own(session, self._clock.now(), _words(kind), subject)

    def rows(self, events: Sequence[NewEvent]) -> Sequence[Row]:
        """Encode the events for `write`, as a separate step because encoding many takes time."""
        now, trace = self._clock.now(), current_trace()
        return [self._row(event, now, trace) for event in events]

    async def write(self, session: AsyncSession, rows: Sequence[Row]) -> None:
        """Write encoded events, as `record` does."""
        await insert_rows(session, OutboxRow, rows)

    def _row(self, event: NewEvent, now: datetime, trace: Trace) -> dict[str, object]:
        return {
            "topic": event.topic.name,
            "partition": partition_of(event.partition_key, self._partitions) if event.topic.by_region else 0,
            "key": event.key,
            "version": event.version,
            "payload": encode(self._sealed(event, now, trace)),
            "published_at": None,
        }

    def _sealed(self, event: NewEvent, now: datetime, trace: Trace) -> SealedEvent:
        type_name, cause = f"{event.topic.owner}.{event.kind}", event.cause
        return SealedEvent(
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
            origintime=cause.origin if cause and not trace.is_replay else None,
            data=_written(event.state, event.topic.types[type_name]),
        )


def _words(kind: str) -> str:
    """`OpeningPublished` as `opening_published`."""
    return _CAPITAL.sub("_", kind).lower()


def _written(state: WireModel | Raw, contract: type[WireModel]) -> Raw:
    if isinstance(state, Raw):
        return state
    if not isinstance(state, contract):
        raise TypeError(f"the event carries {contract.__name__}, not {type(state).__name__}")
    return Raw(state.model_dump_json(exclude_none=True).encode())
