"""The base of every request body, and the type of instants in it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, field_validator
from pydantic_core import CoreSchema, PydanticCustomError

from makersync.http.json_types import strict_about_json
from makersync.text import UnfitText, one_line


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("instant", "must be within the years 1 to 9999, UTC") from error


#: An instant with its time zone, converted to UTC.
Instant = Annotated[
    AwareDatetime,
    AfterValidator(_utc),
    Field(description="An instant with its offset from UTC (RFC 3339).", examples=["2026-11-22T09:00:00Z"]),
]


def _hide_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


#: The default of a field that a request may omit but not set to null. It is never read: see `RequestModel.given`.
LEFT_OUT: Any = Field(default=None, json_schema_extra=_hide_default)


class RequestModel(BaseModel):
    """A request body: unknown fields, and values of another JSON type than the field's, are refused, and every text keeps the
    rule of text."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return strict_about_json(handler(source))

    @property
    def given(self) -> dict[str, Any]:
        """The fields that the request contains, null or not, without those that it omits."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    @field_validator("*")
    @classmethod
    def _in_one_form(cls, value: object) -> object:
        try:
            return _tidied(value)
        except UnfitText as unfit:
            raise PydanticCustomError(unfit.rule, unfit.detail) from unfit


def _tidied(value: object) -> object:
    """Normalise the texts of a field. Nested request models normalise their own, and enumerations have only one form."""
    if type(value) is str:
        return one_line(value)
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(map(_tidied, value))
    if isinstance(value, dict):
        return {_tidied(key): _tidied(item) for key, item in value.items()}
    return value
