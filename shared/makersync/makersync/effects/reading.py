"""Turns a record into what a consumer understands: an instance of its own reader model, or a reason to set the record aside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import orjson
import pydantic
from pydantic import BaseModel, ConfigDict

from makersync.broker.port import Record
from makersync.envelope import ESCAPED_NUL, SealedEvent, Unreadable, decode_sealed, describe, holds_nul
from makersync.topic import Topic, WireModel, partition_of, schema_name


class ReaderModel(BaseModel):
    """The fields of an event's data that a consumer needs; unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ReaderStruct(msgspec.Struct, frozen=True, kw_only=True):
    """A reader model for high-volume events: like `ReaderModel`, but parsed in microseconds. Rules across fields belong in
    `__post_init__`, which raises ValueError."""


#: An owner reads its own events by the contract that it writes them with.
Reading = ReaderModel | ReaderStruct | WireModel
D = TypeVar("D", bound=Reading, covariant=True)


@dataclass(frozen=True, slots=True)
class Received(Generic[D]):
    """A record that was understood: `kind` is the short name of the event type, `data` the consumer's reader model."""

    record: Record
    event: SealedEvent
    kind: str
    data: D


class _Parse(Protocol):
    def __call__(self, document: msgspec.Raw, /) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """How a consumer reads one topic: `models` maps the short name of each known event type to a reader model."""

    topic: Topic
    models: Mapping[str, type[Reading]]
    _schema: str = field(init=False)
    _has_region: Mapping[str, bool] = field(init=False, repr=False, compare=False)
    _parsers: Mapping[str, tuple[str, _Parse]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parsers = {f"{self.topic.owner}.{kind}": (kind, _parser(model)) for kind, model in self.models.items()}
        object.__setattr__(self, "_schema", schema_name(self.topic))
        object.__setattr__(self, "_parsers", parsers)
        has_region = {kind: "region" in model.model_fields for kind, model in self.topic.types.items()}
        object.__setattr__(self, "_has_region", has_region)

    def read(self, record: Record, partitions: int) -> Received[Reading]:
        """`partitions` is the number of partitions of every topic by region.

        Raises Unreadable: `null_record`, `not_json`, `not_an_envelope`, `version_too_high`, `unknown_version`, `unknown_type`,
        `breaks_contract`, or, if the record's coordinates do not match one subject of one region, `wrong_topic`, `wrong_key`,
        `wrong_partition`, `wrong_region` or `wrong_subject`.
        """
        event = decode_sealed(record.value)
        if event.dataschema != self._schema:
            raise Unreadable("unknown_version", f"dataschema {event.dataschema} on topic {self.topic.name}")
        known = self._parsers.get(event.type)
        if known is None:
            raise Unreadable("unknown_type", f"type {event.type} on topic {self.topic.name}")
        self._check_place(record, event, partitions)
        kind, parse = known
        data = _understood(event, parse)
        self._check_subject(event)
        return Received(record, event, kind, data)

    def _check_place(self, record: Record, event: SealedEvent, partitions: int) -> None:
        if record.topic != self.topic.name:
            raise Unreadable("wrong_topic", f"an event of {self.topic.name} on {record.topic}")
        if record.key != f"{event.partitionkey}/{event.subject}".encode():
            raise Unreadable("wrong_key", "the record's key is not its partition key and subject")
        if self.topic.partition_key not in (None, event.partitionkey):
            raise Unreadable("wrong_key", f"the partition key is not {self.topic.partition_key}")
        right = partition_of(event.partitionkey, partitions) if self.topic.by_region else 0
        if record.partition != right:
            raise Unreadable("wrong_partition", f"its region belongs to partition {right} of {partitions}")

    def _check_subject(self, event: SealedEvent) -> None:
        """Fields that the reader model ignores must match the envelope too, and must be storable."""
        document = _document(event)
        if self._has_region.get(event.type) and document.get("region") != event.partitionkey:
            raise Unreadable("wrong_region", "the data's region is not the partition key")
        form = self.topic.subjects.get(event.type)
        if form is not None and _subject_in(document, form) != event.subject:
            raise Unreadable("wrong_subject", "the data names another subject than the envelope")


def schema_of(model: type[Reading]) -> dict[str, Any]:
    """The JSON Schema of a reader model."""
    if issubclass(model, BaseModel):
        return model.model_json_schema()
    schema = msgspec.json.schema(model)
    return {**schema["$defs"][model.__name__], "$defs": schema["$defs"]}


def _document(event: SealedEvent) -> dict[str, Any]:
    """The whole data, including fields that no reader knows, because it is stored as it came. Raises Unreadable if it cannot be
    stored."""
    try:
        document: dict[str, Any] = msgspec.json.decode(event.data)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json", str(error)) from error
    if ESCAPED_NUL in bytes(event.data) and holds_nul(document):
        raise Unreadable("breaks_contract", "a text contains U+0000")
    return document


def _subject_in(document: Mapping[str, Any], form: str) -> str | None:
    try:
        return form.format_map(document)
    except KeyError:
        return None


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
