"""`openings.opening.v1`: the whole public state of an opening (MARKET.md section 3)."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.wire import (
    MOST_ALTERNATIVES,
    MOST_GROUPS,
    Cents,
    Day,
    Filled,
    Identifier,
    Level,
    Positions,
    Region,
    Title,
    Word,
    Zip,
)
from makersync.topic import WireModel

Shift = Literal["day", "evening", "night", "weekend", "rotating"]


class CredentialWanted(WireModel):
    credential: Identifier


class CompetencyWanted(WireModel):
    competency: Identifier
    level: Level


class RequirementGroupState(WireModel):
    id: Identifier
    necessity: Literal["required", "trainable", "preferred"]
    any_of: Annotated[tuple[CredentialWanted | CompetencyWanted, ...], Field(min_length=1, max_length=MOST_ALTERNATIVES)]
    weight: Annotated[int, Field(ge=1, le=10, strict=True)] = 1
    verified_only: bool = False


class OpeningState(WireModel):
    """Exactly one of `zip` and `remote: true`; dates are UTC calendar dates; `filled` <= `positions`."""

    opening_id: Identifier
    employer_id: Identifier
    region: Region
    title: Title
    occupation: Word | None = None
    zip: Zip | None = None
    remote: bool = False
    positions: Positions
    filled: Filled = 0
    start_by: Day | None = None
    closes_on: Day | None = None
    shifts: Annotated[tuple[Shift, ...], Field(max_length=10)] = ()
    wage_min: Cents | None = None
    wage_max: Cents | None = None
    groups: Annotated[tuple[RequirementGroupState, ...], Field(max_length=MOST_GROUPS)] = ()
    status: Literal["open", "closed", "filled"]
