"""How the catalog and the proposals for it are shown."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from learners.domain.catalog import Competency, PublishedCredential
from learners.domain.namesakes import Namesake
from learners.domain.proposal import Findings, Proposal, ProposalStatus
from learners.domain.retirement import Retirement
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


class RetirementView(BaseModel):
    """Since when nothing new may name a credential, and which one to name instead."""

    retired_at: datetime
    reason: str
    superseded_by: str | None

    @classmethod
    def of(cls, retirement: Retirement) -> Self:
        return cls.model_validate(retirement, from_attributes=True)


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


class TouchView(BaseModel):
    """What of somebody else's a proposal reaches for."""

    field: str
    credential: str | None = Field(description="Null: the issuer's name itself.")
    issuer: str


class ProposalView(BaseModel):
    proposal_id: str
    provider_id: str
    definition: DefinitionView
    status: ProposalStatus
    reason: str | None
    version: int

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        return cls(**_fields_of(proposal))


class NamesakeView(BaseModel):
    """A definition of the same issuer that has the name, or an alias."""

    field: str = Field(description="Where it stands in the proposal.")
    credential: str
    name: str = Field(description="How the other has it.")


class ProposedView(ProposalView, Warned):
    """A new proposal. A warning `same_name` means that its approval needs an operator who accepts it."""

    @classmethod
    def proposed(cls, proposal: Proposal, namesakes: Sequence[Namesake]) -> Self:
        return cls(**_fields_of(proposal), warnings=warnings_of(namesake.remark() for namesake in namesakes))


class ExaminedProposalView(ProposalView):
    """With what approving it would reach for and share a name with: what is not empty has to be accepted expressly, with
    `accept_foreign` and `accept_same_name`."""

    touches: list[TouchView]
    same_names: list[NamesakeView]

    @classmethod
    def examined(cls, proposal: Proposal, found: Findings) -> Self:
        return cls(
            **_fields_of(proposal),
            touches=[TouchView(**asdict(touch)) for touch in found.touches],
            same_names=[NamesakeView(**asdict(namesake)) for namesake in found.namesakes],
        )


def _fields_of(proposal: Proposal) -> dict[str, object]:
    return {
        "proposal_id": proposal.proposal_id,
        "provider_id": proposal.provider_id,
        "definition": DefinitionView.model_validate(asdict(proposal.definition)),
        "status": proposal.status,
        "reason": proposal.reason,
        "version": proposal.version,
    }
