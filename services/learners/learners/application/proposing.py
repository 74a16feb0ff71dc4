"""Providers propose definitions for the catalog, and operators decide."""

from learners.application.cataloguing import check_definition, namesakes_of, publish_credential
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain import proposal as proposals
from learners.domain.catalog import CredentialDefinition
from learners.domain.catalog_namesakes import Namesake
from learners.domain.errors import RuleBroken
from learners.domain.proposal import Acceptance, Findings, Proposal, ProposalContext, Touch
from makersync.identifiers import new_id


async def propose_credential(
    uow: LearnersUnitOfWork, provider_id: str, wanted: CredentialDefinition
) -> tuple[Proposal, tuple[Namesake, ...]]:
    """The new proposal, with the definitions that it would share a name with.

    Raises RuleBroken, also when the id is taken: a proposal never changes an existing definition.
    """
    tidied = await check_definition(uow, wanted)
    await _demand_free(uow, tidied.id)
    proposal = Proposal(new_id("prp", uow.clock.now()), provider_id, tidied)
    await uow.proposals.add(proposal)
    return proposal, await namesakes_of(uow, tidied)


async def approve_proposal(uow: LearnersUnitOfWork, proposal_id: str, expects: Expectation, accepted: Acceptance) -> Proposal:
    """Publish what was proposed, checked against the catalog as it is now. Raises Absent, RuleBroken, NotPossible, Stale."""
    proposal = await uow.proposals.get(proposal_id)
    expects(proposal.version)
    decided, credential = proposals.approve(proposal, await examine(uow, proposal), accepted)
    await check_definition(uow, credential.definition)
    await _demand_free(uow, credential.definition.id)
    await uow.proposals.save(decided)
    await publish_credential(uow, credential)
    uow.log.note("proposal_approved", proposal_id, {"credential": credential.definition.id})
    return decided


async def reject_proposal(uow: LearnersUnitOfWork, proposal_id: str, expects: Expectation, reason: str) -> Proposal:
    """Raises Absent, RuleBroken, NotPossible, Stale."""
    proposal = await uow.proposals.get(proposal_id)
    expects(proposal.version)
    decided = proposals.reject(proposal, reason)
    await uow.proposals.save(decided)
    uow.log.note("proposal_rejected", proposal_id, {"credential": proposal.definition.id})
    return decided


async def examine(uow: LearnersUnitOfWork, proposal: Proposal) -> Findings:
    """What an operator must know before deciding, as things are now."""
    return Findings(await touched_by(uow, proposal), await namesakes_of(uow, proposal.definition))


async def touched_by(uow: LearnersUnitOfWork, proposal: Proposal) -> tuple[Touch, ...]:
    """What the proposal reaches for that belongs to somebody else, as things are now."""
    definition = proposal.definition
    accreditations = await uow.accreditations.of(proposal.provider_id, definition.issuer)
    context = ProposalContext(
        named=await uow.catalog.credentials(definition.named_credentials),
        issuer_origins=await uow.catalog.origins(definition.issuer),
        accredited=any(accreditation.covers(uow.clock.now(), uow.clock.date_of) for accreditation in accreditations),
    )
    return proposals.touches(proposal, context)


async def _demand_free(uow: LearnersUnitOfWork, credential_id: str) -> None:
    if await uow.catalog.credential(credential_id) is not None:
        raise RuleBroken("id", "taken", "the catalog has a credential with this id")
