"""The catalog in answers."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Self

from pydantic import BaseModel, Field

from learners.domain.catalog import Competency, PublishedCredential
from learners.domain.catalog_namesakes import Namesake
from learners.domain.retirement import Retirement
from learners.entrypoints.retirement_views import RetirementView
from makersync.http.warned import Warned, warnings_of
from makersync.remarks import Remark


class CompetencyView(BaseModel):
    id: str
    name: str
    version: int

    @classmethod
    def of(cls, competency: Competency) -> Self:
        return cls(id=competency.id, name=competency.name, version=competency.version)


class DefinedCompetencyView(CompetencyView, Warned):
    """A competency after what an operator said of it."""

    @classmethod
    def defined(cls, competency: Competency, remarks: Sequence[Remark]) -> Self:
        return cls(**dict(CompetencyView.of(competency)), warnings=warnings_of(remarks))


class ConferredView(BaseModel):
    competency: str
    level: int


class DefinitionView(BaseModel):
    id: str
    name: str
    issuer: str
    aliases: list[str]
    confers: list[ConferredView]
    implies: list[str]
    composed_of: list[str]
    valid_months: int | None
    training_weeks: int | None
    references: list[str]


class CredentialView(DefinitionView):
    version: int
    retirement: RetirementView | None = Field(description="Null: it may be named.")

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
