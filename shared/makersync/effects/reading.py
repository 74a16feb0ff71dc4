"""From a record to what a consumer understands of it: its own reader model, or a reason to set the record aside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import orjson
import pydantic
from pydantic import BaseModel, ConfigDict

from makersync.broker.port import Record
from makersync.contracts.topics import Topic, schema_name
from makersync.contracts.wire import WireModel
from makersync.envelope import SealedEvent, Unreadable, decode_sealed, describe


class ReaderModel(BaseModel):
    """What a consumer needs of an event's data. It ignores what it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ReaderStruct(msgspec.Struct, frozen=True, kw_only=True):
    """A reader model for events that come by the thousand: as `ReaderModel`, in a few microseconds. Rules between fields go
    into `__post_init__`, which raises ValueError."""


#: An owner reads its own events by the contract that it writes them by.
Reading = ReaderModel | ReaderStruct | WireModel
D = TypeVar("D", bound=Reading, covariant=True)


@dataclass(frozen=True, slots=True)
class Received(Generic[D]):
    """A record understood: `kind` is the event type's short name, `data` the consumer's own reading of the event's."""

    record: Record
    event: SealedEvent
    kind: str
    data: D


class _Parse(Protocol):
    def __call__(self, document: msgspec.Raw, /) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """How a consumer reads one topic: `models` maps each short event type it may meet to a reader model."""

    topic: Topic
    models: Mapping[str, type[Reading]]
    _schema: str = field(init=False)
    _parsers: Mapping[str, tuple[str, _Parse]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parsers = {f"{self.topic.owner}.{kind}": (kind, _parser(model)) for kind, model in self.models.items()}
        object.__setattr__(self, "_schema", schema_name(self.topic))
        object.__setattr__(self, "_parsers", parsers)

    def read(self, record: Record) -> Received[Reading]:
        """Raises Unreadable: `null_record`, `not_json`, `not_an_envelope`, `unknown_version`, `unknown_type`,
        `breaks_contract` or `wrong_key`."""
        event = decode_sealed(record.value)
        if event.dataschema != self._schema:
            raise Unreadable("unknown_version", f"dataschema {event.dataschema} on topic {self.topic.name}")
        known = self._parsers.get(event.type)
        if known is None:
            raise Unreadable("unknown_type", f"type {event.type} on topic {self.topic.name}")
        if record.key != f"{event.partitionkey}/{event.subject}".encode():
            raise Unreadable("wrong_key", "the record's key is not its partition key and subject")
        kind, parse = known
        return Received(record, event, kind, _understood(event, parse))


def schema_of(model: type[Reading]) -> dict[str, Any]:
    """The JSON Schema of a reader model."""
    if issubclass(model, BaseModel):
        return model.model_json_schema()
    schema = msgspec.json.schema(model)
    return {**schema["$defs"][model.__name__], "$defs": schema["$defs"]}


def _parser(model: type[Reading]) -> _Parse:
    if issubclass(model, BaseModel):
        return lambda document: model.model_validate(orjson.loads(memoryview(document)))
    return msgspec.json.Decoder(model).decode


def _understood(event: SealedEvent, parse: _Parse) -> Reading:
    try:
        return parse(event.data)
    except (pydantic.ValidationError, msgspec.ValidationError) as error:
        raise Unreadable("breaks_contract", describe(error)) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json", str(error)) from error
