"""The catalog in answers."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Self

from pydantic import BaseModel, Field

from learners.domain.catalog import Competency, PublishedCredential
from learners.domain.catalog_namesakes import Namesake
from learners.domain.retirement import Retirement
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
from learners.entrypoints.ids import CompetencyId, CredentialId, Version
from learners.entrypoints.retirement_views import RetirementView
from makersync.http.warned import Warned, warnings_of
from makersync.remarks import Remark


class CompetencyView(BaseModel):
    """A competency of the catalog (MARKET.md section 2)."""

    id: CompetencyId
    name: Annotated[str, COMPETENCY_NAME]
    version: Version

    @classmethod
    def of(cls, competency: Competency) -> Self:
        return cls(id=competency.id, name=competency.name, version=competency.version)


class DefinedCompetencyView(CompetencyView, Warned):
    """A competency after what an operator said of it."""

    @classmethod
    def defined(cls, competency: Competency, remarks: Sequence[Remark]) -> Self:
        return cls(**dict(CompetencyView.of(competency)), warnings=warnings_of(remarks))


class ConferredView(BaseModel):
    """A competency that a credential gives its holders, and how far."""

    competency: CompetencyId
    level: Annotated[int, LEVEL]


class DefinitionView(BaseModel):
    """What a credential is (MARKET.md section 2)."""

    id: CredentialId
    name: Annotated[str, CREDENTIAL_NAME]
    issuer: Annotated[str, ISSUER]
    aliases: Annotated[list[str], ALIASES]
    confers: Annotated[list[ConferredView], CONFERS]
    implies: Annotated[list[str], IMPLIES]
    composed_of: Annotated[list[str], COMPOSED_OF]
    valid_months: Annotated[int | None, VALID_MONTHS]
    training_weeks: Annotated[int | None, TRAINING_WEEKS]
    references: Annotated[list[str], REFERENCES]


class CredentialView(DefinitionView):
    """A credential definition of the catalog."""

    version: Version
    retirement: RetirementView | None = Field(
        description="Why no new award or cohort may name it, and what to name instead. Null: it may be named.", examples=[None]
    )

    @classmethod
    def of(cls, credential: PublishedCredential, retirement: Retirement | None) -> Self:
        return cls.model_validate(
            asdict(credential.definition)
            | {"version": credential.version, "retirement": None if retirement is None else RetirementView.of(retirement)}
        )


class DefinedCredentialView(CredentialView, Warned):
    """A definition after what an operator said of it."""

    @classmethod
    def defined(cls, credential: PublishedCredential, retirement: Retirement | None, namesakes: Sequence[Namesake]) -> Self:
        shown = dict(CredentialView.of(credential, retirement))
        return cls(**shown, warnings=warnings_of(namesake.remark() for namesake in namesakes))
