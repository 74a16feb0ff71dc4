"""Definitions that providers propose. What a proposal takes from other issuers must be accepted expressly."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from learners.domain.catalog import CredentialDefinition, PublishedCredential, issuer_key
from learners.domain.catalog_namesakes import Namesake
from learners.domain.errors import NotPossible, RuleBroken
from learners.domain.values import line

REASON_LENGTH = 1_000


class ProposalStatus(StrEnum):
    """Whether an operator has decided on a proposal, and how."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Proposal:
    proposal_id: str
    provider_id: str
    definition: CredentialDefinition
    status: ProposalStatus = ProposalStatus.PENDING
    reason: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Touch:
    """Something of somebody else that a proposal reaches for: a credential named in `implies` or `composed_of`, or the
    name of an `issuer` that others publish under."""

    field: str
    credential: str | None
    issuer: str


@dataclass(frozen=True, slots=True)
class ProposalContext:
    """What a proposal is judged against: the published credentials that it names, who brought in what its issuer has
    published already (None: an operator or the reference catalog), and whether its provider is accredited for the issuer."""

    named: Mapping[str, PublishedCredential]
    issuer_origins: frozenset[str | None]
    accredited: bool


def touches(proposal: Proposal, context: ProposalContext) -> tuple[Touch, ...]:
    """What operators must accept expressly. A credential is the proposer's own when the proposer brought it in, or when it is
    of the proposal's issuer and the proposer is accredited for that issuer."""
    definition = proposal.definition
    found = [
        Touch(field, name, context.named[name].definition.issuer)
        for field, names in (("implies", definition.implies), ("composed_of", definition.composed_of))
        for name in names
        if name in context.named and not _is_own(proposal, context.named[name], context.accredited)
    ]
    if not context.accredited and context.issuer_origins - {proposal.provider_id}:
        found.append(Touch("issuer", None, definition.issuer))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Findings:
    """What an operator is shown of a proposal before deciding."""

    touches: tuple[Touch, ...] = ()
    namesakes: tuple[Namesake, ...] = ()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What of the findings an operator accepts expressly."""

    foreign: bool = False
    same_name: bool = False


def approve(proposal: Proposal, found: Findings, accepted: Acceptance) -> tuple[Proposal, PublishedCredential]:
    """Raises NotPossible once decided, RuleBroken when something was found that is not accepted."""
    _demand_pending(proposal)
    if found.namesakes and not accepted.same_name:
        named = ", ".join(dict.fromkeys(one.credential for one in found.namesakes))
        raise RuleBroken("accept_same_name", "same_name", f"the issuer has it as {named} already: accept it expressly")
    if found.touches and not accepted.foreign:
        raise RuleBroken(
            "accept_foreign", "touches_foreign", "the proposal reaches for others' credentials: accept it expressly"
        )
    decided = replace(proposal, status=ProposalStatus.APPROVED, version=proposal.version + 1)
    return decided, PublishedCredential(proposal.definition, proposal.provider_id)


def reject(proposal: Proposal, reason: str) -> Proposal:
    """Raises NotPossible once decided, RuleBroken."""
    _demand_pending(proposal)
    text = line("reason", reason, REASON_LENGTH)
    return replace(proposal, status=ProposalStatus.REJECTED, reason=text, version=proposal.version + 1)


def _is_own(proposal: Proposal, credential: PublishedCredential, accredited: bool) -> bool:
    if credential.proposed_by == proposal.provider_id:
        return True
    return accredited and issuer_key(credential.definition.issuer) == issuer_key(proposal.definition.issuer)


def _demand_pending(proposal: Proposal) -> None:
    if proposal.status is not ProposalStatus.PENDING:
        raise NotPossible("decided", f"the proposal is {proposal.status} already")
