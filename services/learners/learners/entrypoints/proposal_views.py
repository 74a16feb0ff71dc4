"""Proposals in answers."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Self

from pydantic import BaseModel, Field

from learners.domain.catalog_namesakes import Namesake
from learners.domain.proposal import Findings, Proposal, ProposalStatus
from learners.entrypoints.catalog_views import DefinitionView
from learners.entrypoints.ids import CredentialId, ProposalId, ProviderId, Version
from learners.entrypoints.proposal_fields import REJECTION_REASON
from makersync.http.response_warnings import Warned, warnings_of


class TouchView(BaseModel):
    """What of somebody else's a proposal reaches for."""

    field: str = Field(description="Where the proposal names it: `implies`, `composed_of` or `issuer`.", examples=["implies"])
    credential: Annotated[
        CredentialId | None,
        Field(
            description="Id of the credential of somebody else; null where it is the issuer's name itself.",
            examples=["nims:cnc-milling-operator"],
        ),
    ]
    issuer: str = Field(
        description="Name of the issuer for which the proposing provider is not accredited.",
        examples=["National Institute for Metalworking Skills"],
    )


class ProposalView(BaseModel):
    """A definition that a provider has proposed for the catalog."""

    proposal_id: ProposalId
    provider_id: ProviderId
    definition: DefinitionView = Field(description="What the catalog would have, or has since the approval.")
    status: ProposalStatus = Field(description="Whether an operator has decided, and how. A decision is final.")
    reason: Annotated[
        str | None,
        REJECTION_REASON,
        Field(description="Why it was rejected; null while it is pending, and once it is approved.", examples=[None]),
    ]
    version: Version

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        return cls(**_fields_of(proposal))


class NamesakeView(BaseModel):
    """A definition of the same issuer that has the name, or an alias."""

    field: str = Field(
        description="Where the shared name stands in the proposal: `name`, an alias such as `aliases.0`, or `issuer` where "
        "only its spelling differs.",
        examples=["name"],
    )
    credential: CredentialId
    name: str = Field(description="The name as the other definition has it.", examples=["CNC Milling: Level I"])


class ProposedView(ProposalView, Warned):
    """A new proposal. A warning `same_name` means that its approval needs an operator who accepts it."""

    @classmethod
    def proposed(cls, proposal: Proposal, namesakes: Sequence[Namesake]) -> Self:
        return cls(**_fields_of(proposal), warnings=warnings_of(namesake.remark() for namesake in namesakes))


class ExaminedProposalView(ProposalView):
    """With what approving it would reach for and share a name with: what is not empty has to be accepted expressly, with
    `accept_foreign` and `accept_same_name`."""

    touches: list[TouchView] = Field(
        description="Credentials and issuers of somebody else that it names, as of now. Empty: none, or it is decided."
    )
    same_names: list[NamesakeView] = Field(
        description="Definitions of its issuer that have its name or an alias, as of now. Empty: none, or it is decided."
    )

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
