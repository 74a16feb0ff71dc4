"""The catalog: operators define and revise, providers propose, the reference catalog is there from the start."""

from learners.application.ports import Expectation, LearnersUnitOfWork
from learners.domain import catalog as definitions
from learners.domain import proposal as proposals
from learners.domain.catalog import Competency, CredentialDefinition, PublishedCredential
from learners.domain.errors import RuleBroken
from learners.domain.namesakes import Namesake, namesakes
from learners.domain.proposal import Acceptance, Findings, Proposal, Surroundings, Touch
from makersync.identifiers import new_id
from makersync.remarks import Remark


async def define_competency(desk: LearnersUnitOfWork, competency_id: str, name: str, expects: Expectation) -> Competency:
    """Make a competency, or rename it. `expects` is given 0 when it is new. Raises RuleBroken, Stale."""
    wanted = definitions.competency(competency_id, name)
    before = (await desk.catalog.competencies([competency_id])).get(competency_id)
    expects(before.version if before else 0)
    after = wanted if before is None else definitions.rename(before, wanted.name)
    if after is None:
        return wanted if before is None else before
    await desk.catalog.put_competency(after)
    await desk.announce.catalog([after], [])
    desk.log.note("competency_defined", after.id, {})
    return after


async def define_credential(
    desk: LearnersUnitOfWork, wanted: CredentialDefinition, expects: Expectation
) -> PublishedCredential:
    """Make a definition, or revise it. `expects` is given 0 when it is new. Raises RuleBroken, Stale.

    An operator is told of its namesakes (`namesakes_of`) and decides.
    """
    tidied = await _checked(desk, wanted)
    before = await desk.catalog.credential(tidied.id)
    expects(before.version if before else 0)
    after = PublishedCredential(tidied) if before is None else definitions.revise(before, tidied)
    if after is None:
        return before or PublishedCredential(tidied)
    await _publish(desk, after)
    desk.log.note("credential_defined", tidied.id, {})
    return after


async def propose_credential(
    desk: LearnersUnitOfWork, provider_id: str, wanted: CredentialDefinition
) -> tuple[Proposal, tuple[Namesake, ...]]:
    """The proposal, and what it would share a name with. Raises RuleBroken, also when the id is taken: a proposal never changes
    what is there."""
    tidied = await _checked(desk, wanted)
    await _demand_free(desk, tidied.id)
    proposal = Proposal(new_id("prp", desk.clock.now()), provider_id, tidied)
    await desk.proposals.add(proposal)
    return proposal, await namesakes_of(desk, tidied)


async def approve_proposal(desk: LearnersUnitOfWork, proposal_id: str, expects: Expectation, accepted: Acceptance) -> Proposal:
    """Publish what was proposed, checked against the catalog as it is now. Raises Absent, RuleBroken, NotPossible, Stale."""
    proposal = await desk.proposals.get(proposal_id)
    expects(proposal.version)
    decided, credential = proposals.approve(proposal, await examine(desk, proposal), accepted)
    await _checked(desk, credential.definition)
    await _demand_free(desk, credential.definition.id)
    await desk.proposals.save(decided)
    await _publish(desk, credential)
    desk.log.note("proposal_approved", proposal_id, {"credential": credential.definition.id})
    return decided


async def reject_proposal(desk: LearnersUnitOfWork, proposal_id: str, expects: Expectation, reason: str) -> Proposal:
    """Raises Absent, RuleBroken, NotPossible, Stale."""
    proposal = await desk.proposals.get(proposal_id)
    expects(proposal.version)
    decided = proposals.reject(proposal, reason)
    await desk.proposals.save(decided)
    desk.log.note("proposal_rejected", proposal_id, {"credential": proposal.definition.id})
    return decided


async def examine(desk: LearnersUnitOfWork, proposal: Proposal) -> Findings:
    """What an operator must know of before deciding, as things are now."""
    return Findings(await touched_by(desk, proposal), await namesakes_of(desk, proposal.definition))


async def namesakes_of(desk: LearnersUnitOfWork, definition: CredentialDefinition) -> tuple[Namesake, ...]:
    return namesakes(definition, await desk.catalog.of_issuers_like(definition.issuer))


async def remarks_on_competency(desk: LearnersUnitOfWork, competency: Competency) -> list[Remark]:
    """Two of one name are read as one, and asked for by turns."""
    alike = [one.id for one in await desk.catalog.competencies_like(competency.name) if one.id != competency.id]
    return [Remark("name", "same_name", f"competency {one} has it too") for one in alike]


async def touched_by(desk: LearnersUnitOfWork, proposal: Proposal) -> tuple[Touch, ...]:
    """What of somebody else's the proposal reaches for, as things are now."""
    definition = proposal.definition
    register = await desk.register.seen(proposal.provider_id, definition.issuer)
    around = Surroundings(
        named=await desk.catalog.credentials(definition.named_credentials),
        issuer_origins=await desk.catalog.origins(definition.issuer),
        accredited=any(accreditation.covers(desk.clock.now()) for accreditation in register),
    )
    return proposals.touches(proposal, around)


async def seed_catalog(
    desk: LearnersUnitOfWork, competencies: tuple[Competency, ...], reference: tuple[CredentialDefinition, ...]
) -> int:
    """Publish what the catalog lacks of the reference, once; what is there stays as operators left it. Returns how many."""
    known = await desk.catalog.competencies([one.id for one in competencies])
    defined = await desk.catalog.credentials([one.id for one in reference])
    new_competencies = [one for one in competencies if one.id not in known]
    wanted = definitions.in_defining_order({one.id: one for one in reference})
    new_credentials = [PublishedCredential(one) for one in wanted if one.id not in defined]
    for competency in new_competencies:
        await desk.catalog.put_competency(competency)
    for credential in new_credentials:
        await desk.catalog.put_credential(credential)
    await desk.announce.catalog(new_competencies, new_credentials)
    return len(new_competencies) + len(new_credentials)


async def _checked(desk: LearnersUnitOfWork, wanted: CredentialDefinition) -> CredentialDefinition:
    tidied = definitions.tidy(wanted)
    competencies = await desk.catalog.competencies(tidied.named_competencies)
    credentials = await desk.catalog.credentials(tidied.named_credentials)
    definitions.check_references(tidied, competencies.keys(), credentials.keys())
    return tidied


async def _demand_free(desk: LearnersUnitOfWork, credential_id: str) -> None:
    if await desk.catalog.credential(credential_id) is not None:
        raise RuleBroken("id", "taken", "the catalog has a credential with this id")


async def _publish(desk: LearnersUnitOfWork, credential: PublishedCredential) -> None:
    await desk.catalog.put_credential(credential)
    await desk.announce.catalog([], [credential])
