"""`openings.opening.v1`: the whole public state of an opening (MARKET.md section 3)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from makersync.contracts.wire import Cents, Count, Identifier, Level, Region, WireModel, Zip

Shift = Literal["day", "evening", "night", "weekend", "rotating"]


class CredentialWanted(WireModel):
    credential: Identifier


class CompetencyWanted(WireModel):
    competency: Identifier
    level: Level


class RequirementGroupState(WireModel):
    id: Identifier
    necessity: Literal["required", "trainable", "preferred"]
    any_of: Annotated[tuple[CredentialWanted | CompetencyWanted, ...], Field(min_length=1)]
    weight: Annotated[int, Field(ge=1, le=10, strict=True)] = 1
    verified_only: bool = False


class OpeningState(WireModel):
    """Exactly one of `zip` and `remote: true`; dates are UTC calendar dates; `filled` <= `positions`."""

    opening_id: Identifier
    employer_id: Identifier
    region: Region
    title: str
    occupation: str | None = None
    zip: Zip | None = None
    remote: bool = False
    positions: Annotated[int, Field(ge=1, strict=True)]
    filled: Count = 0
    start_by: date | None = None
    closes_on: date | None = None
    shifts: tuple[Shift, ...] = ()
    wage_min: Cents | None = None
    wage_max: Cents | None = None
    groups: tuple[RequirementGroupState, ...] = ()
    status: Literal["open", "closed", "filled"]
