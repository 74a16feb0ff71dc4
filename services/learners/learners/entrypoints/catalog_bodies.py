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
from learners.entrypoints.catalog_fields import (
    ALIASES,
    COMPETENCY_NAME,
    COMPOSED_OF,
    CONFERS,
    CREDENTIAL_NAME,
    IMPLIES,
    ISSUER,
    LEVEL,
    REFERENCES,
    TRAINING_WEEKS,
    VALID_MONTHS,
)
from learners.entrypoints.fields import CatalogId, CatalogIds, Name, Texts
from learners.entrypoints.ids import COMPETENCY_ID
from makersync.http.bodies import RequestModel

Level = Annotated[int, Field(ge=LEAST_LEVEL, le=MOST_LEVEL, strict=True), LEVEL]
Months = Annotated[int, Field(ge=1, le=MOST_MONTHS, strict=True)]
Weeks = Annotated[int, Field(ge=0, le=MOST_WEEKS, strict=True)]


class ConferredBody(RequestModel):
    """A competency that a credential gives its holders, and how far."""

    competency: Annotated[CatalogId, COMPETENCY_ID]
    level: Level


class DefinitionBody(RequestModel):
    """What a credential is (MARKET.md section 2)."""

    name: Annotated[Name, CREDENTIAL_NAME]
    issuer: Annotated[Name, ISSUER]
    aliases: Annotated[Texts, ALIASES] = ()
    confers: Annotated[tuple[ConferredBody, ...], Field(max_length=MOST_LISTED), CONFERS] = ()
    implies: Annotated[CatalogIds, IMPLIES] = ()
    composed_of: Annotated[CatalogIds, COMPOSED_OF] = ()
    valid_months: Annotated[Months | None, VALID_MONTHS] = None
    training_weeks: Annotated[Weeks | None, TRAINING_WEEKS] = None
    references: Annotated[Texts, REFERENCES] = ()

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

    name: Annotated[Name, COMPETENCY_NAME]
