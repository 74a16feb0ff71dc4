"""What operators and providers send of the catalog, the register and cohorts."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from pydantic import Field, StrictBool

from learners.application.accrediting import Grant
from learners.domain.catalog import (
    LEAST_LEVEL,
    MOST_LEVEL,
    MOST_LISTED,
    MOST_MONTHS,
    MOST_WEEKS,
    Conferred,
    CredentialDefinition,
)
from learners.domain.cohort import Plan
from learners.domain.proposal import Acceptance
from learners.entrypoints.fields import CatalogId, CatalogIds, Day, Name, Seats, Text, Texts
from makersync.http.bodies import RequestModel

Level = Annotated[int, Field(ge=LEAST_LEVEL, le=MOST_LEVEL, strict=True, description="1 (aware) to 5 (expert).")]
Months = Annotated[int, Field(ge=1, le=MOST_MONTHS, strict=True)]
Weeks = Annotated[int, Field(ge=0, le=MOST_WEEKS, strict=True)]


class ProviderBody(RequestModel):
    name: Name


class ConferredBody(RequestModel):
    competency: CatalogId
    level: Level


class DefinitionBody(RequestModel):
    """What a credential is; its id stands in the address."""

    name: Name
    issuer: Name
    aliases: Texts = ()
    confers: Annotated[tuple[ConferredBody, ...], Field(max_length=MOST_LISTED)] = ()
    implies: CatalogIds = ()
    composed_of: CatalogIds = ()
    valid_months: Months | None = Field(None, description="For people; no date is derived from it.")
    training_weeks: Weeks | None = None
    references: Texts = ()

    def definition(self, credential_id: str) -> CredentialDefinition:
        return CredentialDefinition(
            credential_id,
            self.name,
            self.issuer,
            self.aliases,
            tuple(Conferred(one.competency, one.level) for one in self.confers),
            self.implies,
            self.composed_of,
            self.valid_months,
            self.training_weeks,
            self.references,
        )


class ProposalBody(DefinitionBody):
    """A definition that a provider proposes, with the id that it would have."""

    id: CatalogId


class RetirementBody(RequestModel):
    """Why a credential is retired, and which one to name instead."""

    superseded_by: CatalogId | None = None
    reason: Name


class CompetencyBody(RequestModel):
    name: Name


class ApprovalBody(RequestModel):
    accept_foreign: StrictBool = Field(False, description="Accept that it reaches for what others have published.")
    accept_same_name: StrictBool = Field(False, description="Accept that its issuer has the name or an alias already.")

    def acceptance(self) -> Acceptance:
        return Acceptance(self.accept_foreign, self.accept_same_name)


class RejectionBody(RequestModel):
    reason: Text


class AccreditationBody(RequestModel):
    """`since` left out: all that the provider has recorded counts. `until`: the first day that no longer counts."""

    provider_id: CatalogId
    issuer: Name
    since: Day | None = None
    until: Day | None = None

    def grant(self) -> Grant:
        return Grant(self.provider_id, self.issuer, self.since, self.until)


class EndBody(RequestModel):
    """How an accreditation ends."""

    retroactive: StrictBool = Field(False, description="It never counted: what it verified becomes attested.")


class CohortBody(RequestModel):
    """A planned cohort."""

    credential: CatalogId
    region: Annotated[str, Field(max_length=40)]
    seats: Seats
    enrolled: Annotated[
        Seats, Field(description="Seats of people who are no learners here; those who are count by themselves.")
    ] = 0
    starts_on: Day
    ends_on: Day

    def plan(self) -> Plan:
        return Plan(self.seats, self.enrolled, self.starts_on, self.ends_on)


class EnrolmentBody(RequestModel):
    """Who takes a seat."""

    learner_id: CatalogId


class CohortPatch(RequestModel):
    """What changes of a cohort; what is left out stays."""

    seats: Seats = Field(default_factory=int)
    enrolled: Seats = Field(default_factory=int)
    starts_on: Day = Field(default_factory=lambda: date.min)
    ends_on: Day = Field(default_factory=lambda: date.min)

    def rewrite(self, before: Plan) -> Plan:
        return replace(before, **{name: getattr(self, name) for name in self.model_fields_set})
