"""The base of every request body, and the instants in it."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("instant", "must be within the years 1 to 9999, UTC") from error


#: An instant with its time zone, kept in UTC.
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]


class RequestModel(BaseModel):
    """A request body: unknown fields, NUL characters and numbers that are none are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _refuse_nul(cls, value: object) -> object:
        """PostgreSQL holds no NUL in text."""
        if any("\0" in text for text in _texts(value)):
            raise PydanticCustomError("nul_character", "must not contain NUL")
        return value


def _texts(value: object) -> list[str]:
    """The texts right in a field; a nested request model looks at its own."""
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    items = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return [item for item in items if isinstance(item, str)]
