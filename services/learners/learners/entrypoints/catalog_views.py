"""The catalog in answers."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Self

from pydantic import BaseModel, Field

from learners.domain.catalog import Competency, PublishedCredential
from learners.domain.catalog_namesakes import Namesake
from learners.domain.retirement import Retirement
from learners.entrypoints import catalog_fields as fields
from learners.entrypoints.ids import CompetencyId, CredentialId, Version
from learners.entrypoints.retirement_views import RetirementView
from makersync.http.response_warnings import Warned, warnings_of
from makersync.remarks import Remark


class CompetencyView(BaseModel):
    """A competency of the catalog (MARKET.md section 2)."""

    id: CompetencyId
    name: fields.CompetencyName[str]
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
    level: fields.Level[int]


class DefinitionView(BaseModel):
    """What a credential is (MARKET.md section 2)."""

    id: CredentialId
    name: fields.CredentialName[str]
    issuer: fields.Issuer[str]
    aliases: fields.Aliases[list[str]]
    confers: fields.Confers[list[ConferredView]]
    implies: fields.Implies[list[str]]
    composed_of: fields.ComposedOf[list[str]]
    valid_months: fields.ValidMonths[int | None]
    training_weeks: fields.TrainingWeeks[int | None]
    references: fields.References[list[str]]


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
