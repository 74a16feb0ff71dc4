"""What the contracts share: field types and the strict writer model."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$")]
Region = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^([0-9]{5}|nonmetro-[A-Z]{2}|remote)$")]
Zip = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
Level = Annotated[int, Field(ge=1, le=5, strict=True)]
Count = Annotated[int, Field(ge=0, strict=True)]
Whole = Annotated[int, Field(strict=True)]
Cents = Annotated[int, Field(ge=0, strict=True, description="US cents an hour")]
Share = Annotated[int, Field(ge=0, le=10_000, strict=True)]
SHIFTS = ("day", "evening", "night", "weekend", "rotating")


class WireModel(BaseModel):
    """A released shape, as its writer makes it: nothing undeclared leaves a service."""

    model_config = ConfigDict(extra="forbid", frozen=True)
