"""`learners.learner.v1`, `learners.catalog.v1`, `learners.cohort.v1` (MARKET.md sections 2, 4, 14).

Nothing here identifies a person.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.openings import Shift
from contracts.wire import MOST_AWARDS, MOST_LISTED, Cents, Day, Identifier, Level, Region, Seats, Text, Zip
from makersync.topic import WireModel


class AwardState(WireModel):
    award_id: Identifier
    credential: Identifier
    status: Literal["active", "in_progress", "suspended", "revoked"]
    issued_on: Day | None = None
    expires_on: Day | None = None
    expected_on: Day | None = None
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
    seeking_since: Day | None = None
    consents_to_matching: bool
    available_from: Day | None = None
    shifts: Annotated[tuple[Shift, ...], Field(max_length=10)] = ()
    wage_floor: Cents | None = None
    awards: Annotated[tuple[AwardState, ...], Field(max_length=MOST_AWARDS)] = ()


class LearnerEnded(WireModel):
    """The learner is no longer in this region (withdrawn) or nowhere (erased): the id alone."""

    learner_id: Identifier
    region: Region


class CompetencyState(WireModel):
    id: Identifier
    name: Text


class Conferral(WireModel):
    competency: Identifier
    level: Level


class CredentialState(WireModel):
    """A credential definition, approved by an operator."""

    id: Identifier
    name: Text
    issuer: Text
    aliases: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = ()
    confers: Annotated[tuple[Conferral, ...], Field(max_length=MOST_LISTED)] = ()
    implies: Annotated[tuple[Identifier, ...], Field(max_length=MOST_LISTED)] = ()
    composed_of: Annotated[tuple[Identifier, ...], Field(max_length=MOST_LISTED)] = ()
    valid_months: Annotated[int, Field(ge=1, le=1_200, strict=True)] | None = None
    training_weeks: Annotated[int, Field(ge=0, le=1_000, strict=True)] | None = None
    references: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = ()


class CohortState(WireModel):
    cohort_id: Identifier
    provider_id: Identifier
    credential: Identifier
    region: Region
    seats: Seats
    enrolled: Seats
    starts_on: Day
    ends_on: Day


class CohortEnded(WireModel):
    cohort_id: Identifier
    region: Region
