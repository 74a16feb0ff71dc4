"""JSON Schemas (draft 2020-12) of what goes over the wire, made from the writer models.

They say what a reader may rely on: an absent field is absent and never null, a field with a default is always written, and an
object may hold more than is listed, since a later revision adds to it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from makersync.envelope import SEQUENCE_DIGITS, encode_sequence

JsonSchema = Mapping[str, Any]
Word = Annotated[str, Field(min_length=1, max_length=200)]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class WrittenEvent(BaseModel):
    """A CloudEvent 1.0 in structured JSON mode, as every service writes it; the record's key is `<partitionkey>/<subject>`."""

    specversion: Literal["1.0"] = Field("1.0", description="Version of the CloudEvents specification.")
    id: Word = Field(
        description="Unique id of the event. A record may be published more than once, always with the same id and content.",
        examples=["5b0a4f2e-8a7d-4f0e-9a55-0f6d0f4f7c11"],
    )
    source: Word = Field(description="The service that wrote the event.", examples=["/makersync/openings"])
    type: Word = Field(
        description="What happened: the service and a verb in the past tense.", examples=["openings.OpeningPublished"]
    )
    subject: Annotated[str, Field(min_length=1, max_length=400)] = Field(
        description="Id of what the event is about, made of fields of `data`: `{opening_id}`, or `{opening_id}/{learner_id}` "
        "of a match.",
        examples=["opn_01m8mx80qj6b9vw3tqf1p5n7ra"],
    )
    time: AwareDatetime = Field(
        description="Instant at which the event was written, in UTC.", examples=["2026-11-22T09:00:00Z"]
    )
    datacontenttype: Literal["application/json"] = Field("application/json", description="Media type of `data`.")
    dataschema: Word = Field(
        description="URN of the topic's contract with its major version. Every later revision within it satisfies the earlier "
        "ones.",
        examples=["urn:makersync:schema:openings.opening:1"],
    )
    partitionkey: Word = Field(
        description="The region that the record belongs to, which decides its partition; `catalog` on the topic of the "
        "catalog.",
        examples=["45780"],
    )
    sequence: Annotated[str, Field(pattern=rf"^[0-9]{{{SEQUENCE_DIGITS}}}$")] = Field(
        description="The subject's version: it only grows, and its text order is its number order. For each record key a "
        "reader keeps the newest version that it has seen and ignores any other that arrives later.",
        examples=[encode_sequence(1)],
    )
    correlationid: str | None = Field(
        None,
        description="Id of the request that everything in this causal chain goes back to (`X-Correlation-Id`). Absent where no "
        "request led to it.",
        examples=["0d7c3f1e-5d0c-4a52-b7f5-3b1d4d1b9c20"],
    )
    causationid: str | None = Field(
        None,
        description="`id` of the event that this one follows from. Absent where no event led to it.",
        examples=["c1d0d7a5-2f1b-4e0e-8f27-6f4c5b9a7d35"],
    )
    traceparent: str | None = Field(
        None,
        description="W3C Trace Context of the request that the causal chain goes back to. Absent where it carried none.",
        examples=["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    )
    origintime: AwareDatetime | None = Field(
        None,
        description="`time` of the first event of the causal chain, from which end-to-end latency is measured. Absent where no "
        "event led to it, or after a replay.",
        examples=["2026-11-22T08:59:59Z"],
    )
    data: dict[str, Any] = Field(
        description="The subject's whole public state at this version; of a subject that has ended, its ids. Its schema is "
        "that of the event type.",
        examples=[{"opening_id": "opn_01m8mx80qj6b9vw3tqf1p5n7ra", "status": "open"}],
    )


def written_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of `model` as its writer dumps it: JSON mode, nulls left out."""
    schema = model.model_json_schema(mode="serialization", schema_generator=_WireSchema)
    opened = _without_closed_objects(schema)
    assert isinstance(opened, dict)
    return opened


class _WireSchema(GenerateJsonSchema):
    """Pydantic's generator, for values that are dumped with `exclude_none` and without `exclude_defaults`."""

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_is_required(self, field: Any, total: bool) -> bool:
        inner = field["schema"]
        while inner["type"] == "default":
            inner = inner["schema"]
        return bool(inner["type"] != "nullable")

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _without_closed_objects(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_closed_objects(each) for each in node]
    if isinstance(node, dict):
        return {
            name: _without_closed_objects(value)
            for name, value in node.items()
            if not (name == "additionalProperties" and isinstance(value, bool))
        }
    return node
