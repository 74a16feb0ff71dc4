"""From a record to what a consumer understands of it: its own reader model, or a reason to set the record aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from makersync.broker.port import Record
from makersync.contracts.topics import Topic, schema_name
from makersync.envelope import Event, Unreadable, decode, describe


class ReaderModel(BaseModel):
    """What a consumer needs of an event's data. It ignores what it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)


D = TypeVar("D", bound=ReaderModel, covariant=True)


@dataclass(frozen=True, slots=True)
class Received(Generic[D]):
    """A record understood: `kind` is the event type's short name, `data` the consumer's own reading."""

    record: Record
    event: Event
    kind: str
    data: D


@dataclass(frozen=True, slots=True)
class Reader:
    """How a consumer reads one topic: `models` maps each short event type it may meet to a reader model."""

    topic: Topic
    models: Mapping[str, type[ReaderModel]]

    def read(self, record: Record) -> Received[ReaderModel]:
        """Raises Unreadable: `null_record`, `not_json`, `not_an_envelope`, `unknown_version`, `unknown_type`,
        `breaks_contract` or `wrong_key`."""
        event = decode(record.value)
        if event.dataschema != schema_name(self.topic):
            raise Unreadable("unknown_version", f"dataschema {event.dataschema} on topic {self.topic.name}")
        owner, _, kind = event.type.rpartition(".")
        model = self.models.get(kind) if owner == self.topic.owner else None
        if model is None:
            raise Unreadable("unknown_type", f"type {event.type} on topic {self.topic.name}")
        if record.key != f"{event.partitionkey}/{event.subject}".encode():
            raise Unreadable("wrong_key", "the record's key is not its partition key and subject")
        try:
            data = model.model_validate(event.data)
        except ValidationError as error:
            raise Unreadable("breaks_contract", describe(error)) from error
        return Received(record, event, kind, data)
