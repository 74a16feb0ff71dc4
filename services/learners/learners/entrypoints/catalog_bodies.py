"""Bodies of requests that define the catalog."""

from typing import Annotated

from pydantic import Field

from learners.domain.catalog import (
    LEAST_LEVEL,
    MOST_LEVEL,
    MOST_LISTED,
    MOST_MONTHS,
    MOST_WEEKS,
    Conferred,
    CredentialDefinition,
)
from learners.entrypoints import catalog_fields as fields
from learners.entrypoints.fields import CatalogId, CatalogIds, Name, Texts
from learners.entrypoints.ids import COMPETENCY_ID
from makersync.http.bodies import RequestModel

LevelNumber = Annotated[int, Field(ge=LEAST_LEVEL, le=MOST_LEVEL, strict=True)]
Months = Annotated[int, Field(ge=1, le=MOST_MONTHS, strict=True)]
Weeks = Annotated[int, Field(ge=0, le=MOST_WEEKS, strict=True)]


class ConferredBody(RequestModel):
    """A competency that a credential gives its holders, and how far."""

    competency: Annotated[CatalogId, COMPETENCY_ID]
    level: fields.Level[LevelNumber]


class DefinitionBody(RequestModel):
    """What a credential is (MARKET.md section 2)."""

    name: fields.CredentialName[Name]
    issuer: fields.Issuer[Name]
    aliases: fields.Aliases[Texts] = ()
    confers: fields.Confers[Annotated[tuple[ConferredBody, ...], Field(max_length=MOST_LISTED)]] = ()
    implies: fields.Implies[CatalogIds] = ()
    composed_of: fields.ComposedOf[CatalogIds] = ()
    valid_months: fields.ValidMonths[Months | None] = None
    training_weeks: fields.TrainingWeeks[Weeks | None] = None
    references: fields.References[Texts] = ()

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


class CompetencyBody(RequestModel):
    """What a competency is called."""

    name: fields.CompetencyName[Name]
