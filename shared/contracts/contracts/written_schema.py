"""JSON Schemas (draft 2020-12) of what goes over the wire, made from the writer models.

They say what a reader may rely on: an absent field is absent and never null, a field with a default is always written, and an
object may hold more than is listed, since a later revision adds to it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from makersync.envelope import SEQUENCE_DIGITS

JsonSchema = Mapping[str, Any]
Word = Annotated[str, Field(min_length=1, max_length=200)]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class WrittenEvent(BaseModel):
    """A CloudEvent 1.0 in structured JSON mode, as every service writes it; the record's key is `<partitionkey>/<subject>`."""

    specversion: Literal["1.0"] = "1.0"
    id: Word
    source: Word
    type: Word
    subject: Annotated[str, Field(min_length=1, max_length=400)]
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Word
    partitionkey: Word
    sequence: Annotated[
        str,
        Field(
            pattern=rf"^[0-9]{{{SEQUENCE_DIGITS}}}$",
            description="The subject's version: it only grows, and its text order is its number order.",
        ),
    ]
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    origintime: AwareDatetime | None = None
    data: Annotated[dict[str, Any], Field(description="The subject's whole public state at this version.")]


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
