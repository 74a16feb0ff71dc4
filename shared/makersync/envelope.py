"""The envelope of every event: CloudEvents 1.0, structured JSON mode.

Extensions: `partitionkey` (the region), `sequence` (the subject's version, decimal, padded to 19 digits, so that its text order
is its number order, as the sequence extension wants), `correlationid`, `causationid`, `traceparent`, and `origintime`:
when the first event of the causal chain happened, from which end-to-end latency is measured.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

SEQUENCE_DIGITS = 19
#: What the databases' version columns hold.
LARGEST_VERSION = 2**63 - 1
CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"


def _is_sequence(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= SEQUENCE_DIGITS and 0 < int(text) <= LARGEST_VERSION):
        raise ValueError("sequence must be a positive decimal number below 2^63")
    return text


class Unreadable(Exception):
    """A record that cannot be understood. `reason` is one of the fixed names below; `detail` is for the operator."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Event(BaseModel):
    """One CloudEvent. `data` is the subject's whole public state at `version`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(min_length=1, max_length=200)]
    type: Annotated[str, Field(min_length=1, max_length=200)]
    subject: Annotated[str, Field(min_length=1, max_length=400)]
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Annotated[str, Field(min_length=1, max_length=200)]
    partitionkey: Annotated[str, Field(min_length=1, max_length=200)]
    sequence: Annotated[str, AfterValidator(_is_sequence)]
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    origintime: AwareDatetime | None = None
    data: dict[str, Any]

    @property
    def version(self) -> int:
        return int(self.sequence)

    @property
    def origin(self) -> datetime:
        """When the causal chain began: `origintime`, else this event's own time."""
        return self.origintime or self.time


def encode_sequence(version: int) -> str:
    return str(version).zfill(SEQUENCE_DIGITS)


def encode(event: Event) -> bytes:
    """The event as structured-mode JSON; absent attributes are left out, as CloudEvents wants."""
    return orjson.dumps(event.model_dump(mode="json", exclude_none=True) | {"data": event.data})


def decode(value: bytes | None) -> Event:
    """Parse a record's value. Raises Unreadable with reason `null_record`, `not_json` or `not_an_envelope`."""
    if value is None:
        raise Unreadable("null_record", "the record has no value; what ends is an event too")
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise Unreadable("not_json", str(error)) from error
    if not isinstance(document, Mapping):
        raise Unreadable("not_an_envelope", "the record is not a JSON object")
    try:
        return Event.model_validate(document)
    except ValidationError as error:
        raise Unreadable("not_an_envelope", describe(error)) from error


def describe(error: ValidationError) -> str:
    """The places and rules of a validation error, without the values: they may be personal."""
    return "; ".join(
        f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False, include_url=False)
    )
