"""The base of every request body."""

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError


class RequestModel(BaseModel):
    """A request body: unknown fields, NUL characters and numbers that are none are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)

    @field_validator("*", mode="before")
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
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]
