"""`learners.learner.v1`, `learners.catalog.v1`, `learners.cohort.v1` (MARKET.md sections 2, 4, 14).

Nothing here identifies a person.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from makersync.contracts.openings import Shift
from makersync.contracts.wire import Cents, Count, Identifier, Level, Region, WireModel, Zip


class AwardState(WireModel):
    award_id: Identifier
    credential: Identifier
    status: Literal["active", "in_progress", "suspended", "revoked"]
    issued_on: date | None = None
    expires_on: date | None = None
    expected_on: date | None = None
    evidence: Literal["verified", "attested"]


class LearnerState(WireModel):
    """A learner as published to one region of the reach: `region` is that region, not the home."""

    learner_id: Identifier
    provider_id: Identifier
    region: Region
    zip: Zip
    reach_km: Annotated[int, Field(ge=1, le=300, strict=True)] = 40
    remote_ok: bool = False
    seeking: bool
    seeking_since: date | None = None
    consents_to_matching: bool
    available_from: date | None = None
    shifts: tuple[Shift, ...] = ()
    wage_floor: Cents | None = None
    awards: tuple[AwardState, ...] = ()


class LearnerEnded(WireModel):
    """The learner is no longer in this region (withdrawn) or nowhere (erased): the id alone."""

    learner_id: Identifier
    region: Region


class CompetencyState(WireModel):
    id: Identifier
    name: str


class Conferral(WireModel):
    competency: Identifier
    level: Level


class CredentialState(WireModel):
    """A credential definition, approved by an operator."""

    id: Identifier
    name: str
    issuer: str
    aliases: tuple[str, ...] = ()
    confers: tuple[Conferral, ...] = ()
    implies: tuple[Identifier, ...] = ()
    composed_of: tuple[Identifier, ...] = ()
    valid_months: Annotated[int, Field(ge=1, strict=True)] | None = None
    training_weeks: Count | None = None
    references: tuple[str, ...] = ()


class CohortState(WireModel):
    cohort_id: Identifier
    provider_id: Identifier
    credential: Identifier
    region: Region
    seats: Count
    enrolled: Count
    starts_on: date
    ends_on: date


class CohortEnded(WireModel):
    cohort_id: Identifier
    region: Region
