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
from learners.entrypoints.fields import CatalogId, CatalogIds, Name, Texts
from makersync.http.bodies import RequestModel

Level = Annotated[int, Field(ge=LEAST_LEVEL, le=MOST_LEVEL, strict=True, description="1 (aware) to 5 (expert).")]
Months = Annotated[int, Field(ge=1, le=MOST_MONTHS, strict=True)]
Weeks = Annotated[int, Field(ge=0, le=MOST_WEEKS, strict=True)]


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


class CompetencyBody(RequestModel):
    name: Name
