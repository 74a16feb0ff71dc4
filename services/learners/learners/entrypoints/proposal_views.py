"""Proposals in answers."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Self

from pydantic import BaseModel, Field

from learners.domain.catalog_namesakes import Namesake
from learners.domain.proposal import Findings, Proposal, ProposalStatus
from learners.entrypoints.catalog_views import DefinitionView
from makersync.http.warned import Warned, warnings_of


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
