"""The envelope of every event: CloudEvents 1.0, structured JSON mode.

Extensions: `partitionkey` (the region); `sequence` (the subject's version as a decimal padded to 19 digits, so that it sorts as
text, as the sequence extension requires); `correlationid`; `causationid`; `traceparent`; and `origintime`, the time of the
first event of the causal chain, from which end-to-end latency is measured. A chain that continues after a replay has no
`origintime`.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import orjson
import pydantic
from msgspec import Meta, Raw, Struct, structs

SEQUENCE_DIGITS = 19
#: Half of what the databases can store as a version. A subject at the largest version could never change again.
LARGEST_VERSION = 2**62
CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"

#: Databases cannot store it in text.
NUL, ESCAPED_NUL = "\0", b"\\u0000"
#: Years for which time zone conversions and month arithmetic cannot overflow.
FIRST_YEAR, LAST_YEAR = 1900, 9998

Word = Annotated[str, Meta(min_length=1, max_length=200)]
Mark = Annotated[str, Meta(max_length=400)]
Instant = Annotated[datetime, Meta(tz=True)]


class Unreadable(Exception):
    """A record that cannot be read. `reason` is one of a fixed set of names; `detail` is for the operator."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Envelope(Struct, frozen=True, kw_only=True):
    """All attributes of a CloudEvent except its data."""

    specversion: Literal["1.0"] = "1.0"
    id: Word
    source: Word
    type: Word
    subject: Annotated[str, Meta(min_length=1, max_length=400)]
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Word
    partitionkey: Word
    sequence: str
    correlationid: Mark | None = None
    causationid: Mark | None = None
    traceparent: Mark | None = None
    origintime: Instant | None = None

    @property
    def version(self) -> int:
        return int(self.sequence)

    @property
    def origin(self) -> datetime:
        """When the causal chain began: `origintime`, or else this event's own time."""
        return self.origintime or self.time


class Event(Envelope, frozen=True, kw_only=True):
    """One CloudEvent. `data` is the subject's whole public state at `version`."""

    data: dict[str, Any]


class SealedEvent(Envelope, frozen=True, kw_only=True):
    """One CloudEvent whose data is still encoded JSON, as it was received or will be sent."""

    data: Raw


class _Versioned(Struct):
    sequence: str


_EVENT, _SEALED = msgspec.json.Decoder(Event), msgspec.json.Decoder(SealedEvent)
_VERSIONED = msgspec.json.Decoder(_Versioned)
_TEXTS = ("id", "source", "type", "subject", "dataschema", "partitionkey", "correlationid", "causationid", "traceparent")
_OPTIONAL = ("correlationid", "causationid", "traceparent", "origintime")
Read = TypeVar("Read", Event, SealedEvent, _Versioned)


def encode_sequence(version: int) -> str:
    return str(version).zfill(SEQUENCE_DIGITS)


def encode(event: Event | SealedEvent) -> bytes:
    """The event as structured-mode JSON; absent attributes are omitted, as CloudEvents requires."""
    attributes = structs.asdict(event)
    for name in _OPTIONAL:
        if attributes[name] is None:
            del attributes[name]
    return msgspec.json.encode(attributes)


def decode(value: bytes | None) -> Event:
    """Parse a record's value. Raises Unreadable with reason `null_record`, `not_json`, `not_an_envelope` or
    `version_too_high`."""
    event = _decoded(value, _EVENT)
    _demand_storable(event)
    return event


def decode_sealed(value: bytes | None) -> SealedEvent:
    """Like `decode`, but leaves the content of `data` to its reader; it is certain to be a JSON object."""
    event = _decoded(value, _SEALED)
    _demand_storable(event)
    if bytes(memoryview(event.data)[:1]) != b"{":
        raise Unreadable("not_an_envelope", "Expected `object` - at `$.data`")
    return event


def version_in(value: bytes | None) -> int:
    """The version in a record, whatever else it contains. Raises Unreadable as `decode` does."""
    return int(_decoded(value, _VERSIONED).sequence)


def _decoded(value: bytes | None, decoder: "msgspec.json.Decoder[Read]") -> Read:
    if value is None:
        raise Unreadable("null_record", "the record has no value; what ends is an event too")
    try:
        # Decode first: the parser does not validate the encoding of values that it skips, but they are stored too.
        event = decoder.decode(value.decode())
    except msgspec.ValidationError as error:
        _demand_json(value)
        raise Unreadable("not_an_envelope", describe(error)) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json", str(error)) from error
    _demand_version(event.sequence)
    return event


def _demand_version(sequence: str) -> None:
    digits = sequence.isascii() and sequence.isdigit() and len(sequence) <= SEQUENCE_DIGITS
    if not digits or int(sequence) == 0:
        raise Unreadable("not_an_envelope", f"a positive decimal of up to {SEQUENCE_DIGITS} digits - at `$.sequence`")
    if int(sequence) > LARGEST_VERSION:
        raise Unreadable("version_too_high", f"no subject reaches a version above {LARGEST_VERSION} - at `$.sequence`")


def holds_nul(value: object) -> bool:
    """Whether any text of a JSON value contains U+0000."""
    if isinstance(value, dict):
        return any(holds_nul(key) or holds_nul(each) for key, each in value.items())
    if isinstance(value, list):
        return any(map(holds_nul, value))
    return isinstance(value, str) and NUL in value


def _demand_storable(event: Envelope) -> None:
    for name, instant in (("time", event.time), ("origintime", event.origintime)):
        if instant is not None and not FIRST_YEAR <= instant.year <= LAST_YEAR:
            raise Unreadable("not_an_envelope", f"a year from {FIRST_YEAR} to {LAST_YEAR} - at `$.{name}`")
    for name in _TEXTS:
        text = getattr(event, name)
        if text is not None and NUL in text:
            raise Unreadable("not_an_envelope", f"a text contains U+0000 - at `$.{name}`")


def _demand_json(value: bytes) -> None:
    """After a violated rule the parser stops reading, so the rest may not be JSON at all."""
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise Unreadable("not_json", str(error)) from error


def describe(error: msgspec.ValidationError | pydantic.ValidationError) -> str:
    """The positions and rules of a validation error, without the values, which may be personal data."""
    if isinstance(error, pydantic.ValidationError):
        found = error.errors(include_input=False, include_url=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)
    rule, _, place = str(error).rpartition(" - at ")
    return f"{rule.partition(' value ')[0]} value - at {place}" if rule.startswith("Invalid") else str(error)
