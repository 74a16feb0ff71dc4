"""How the catalog and the proposals for it are shown."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Self

from pydantic import BaseModel, Field

from learners.domain.catalog import Competency, PublishedCredential
from learners.domain.proposal import Proposal, ProposalStatus, Touch


class CompetencyView(BaseModel):
    id: str
    name: str
    version: int

    @classmethod
    def of(cls, competency: Competency) -> Self:
        return cls(id=competency.id, name=competency.name, version=competency.version)


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

    @classmethod
    def of(cls, credential: PublishedCredential) -> Self:
        return cls.model_validate(asdict(credential.definition) | {"version": credential.version})


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


class ExaminedProposalView(ProposalView):
    """With what approving it would reach for: not empty means that the approval needs `accept_foreign`."""

    touches: list[TouchView]

    @classmethod
    def examined(cls, proposal: Proposal, touches: Sequence[Touch]) -> Self:
        return cls(**_fields_of(proposal), touches=[TouchView(**asdict(touch)) for touch in touches])


def _fields_of(proposal: Proposal) -> dict[str, object]:
    return {
        "proposal_id": proposal.proposal_id,
        "provider_id": proposal.provider_id,
        "definition": DefinitionView.model_validate(asdict(proposal.definition)),
        "status": proposal.status,
        "reason": proposal.reason,
        "version": proposal.version,
    }
