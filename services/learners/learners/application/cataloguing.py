"""The catalog: operators define and revise definitions; the reference catalog is there from the start."""

from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain import catalog as definitions
from learners.domain.catalog import Competency, CredentialDefinition, PublishedCredential
from learners.domain.catalog_namesakes import Namesake, namesakes
from makersync.remarks import Remark


async def define_competency(uow: LearnersUnitOfWork, competency_id: str, name: str, expects: Expectation) -> Competency:
    """Define a competency, or rename it. `expects` is given 0 when it is new. Raises RuleBroken, Stale."""
    wanted = definitions.competency(competency_id, name)
    before = (await uow.catalog.competencies([competency_id])).get(competency_id)
    expects(before.version if before else 0)
    after = wanted if before is None else definitions.rename(before, wanted.name)
    if after is None:
        return wanted if before is None else before
    await uow.catalog.put_competency(after)
    await uow.announce.catalog([after], [])
    uow.log.note("competency_defined", after.id, {})
    return after


async def define_credential(uow: LearnersUnitOfWork, wanted: CredentialDefinition, expects: Expectation) -> PublishedCredential:
    """Define a credential, or revise its definition. `expects` is given 0 when it is new. Raises RuleBroken, Stale.

    Namesakes (`namesakes_of`) are pointed out to the operator, who decides.
    """
    tidied = await check_definition(uow, wanted)
    before = await uow.catalog.credential(tidied.id)
    expects(before.version if before else 0)
    after = PublishedCredential(tidied) if before is None else definitions.revise(before, tidied)
    if after is None:
        return before or PublishedCredential(tidied)
    await publish_credential(uow, after)
    uow.log.note("credential_defined", tidied.id, {})
    return after


async def namesakes_of(uow: LearnersUnitOfWork, definition: CredentialDefinition) -> tuple[Namesake, ...]:
    return namesakes(definition, await uow.catalog.of_issuers_like(definition.issuer))


async def remarks_on_competency(uow: LearnersUnitOfWork, competency: Competency) -> list[Remark]:
    """Two competencies of one name look the same to employers, some of whom would ask for the one and some for the other."""
    alike = [one.id for one in await uow.catalog.competencies_like(competency.name) if one.id != competency.id]
    return [Remark("name", "same_name", f"competency {one} has it too") for one in alike]


async def seed_catalog(
    uow: LearnersUnitOfWork, competencies: tuple[Competency, ...], reference: tuple[CredentialDefinition, ...]
) -> int:
    """Publish what the catalog lacks of the reference catalog; what is there stays as operators left it. Returns how many."""
    known = await uow.catalog.competencies([one.id for one in competencies])
    defined = await uow.catalog.credentials([one.id for one in reference])
    new_competencies = [one for one in competencies if one.id not in known]
    wanted = definitions.in_defining_order({one.id: one for one in reference})
    new_credentials = [PublishedCredential(one) for one in wanted if one.id not in defined]
    for competency in new_competencies:
        await uow.catalog.put_competency(competency)
    for credential in new_credentials:
        await uow.catalog.put_credential(credential)
    await uow.announce.catalog(new_competencies, new_credentials)
    return len(new_competencies) + len(new_credentials)


async def check_definition(uow: LearnersUnitOfWork, wanted: CredentialDefinition) -> CredentialDefinition:
    """The definition with tidy texts. Raises RuleBroken, also when it names what the catalog does not have."""
    tidied = definitions.tidy(wanted)
    competencies = await uow.catalog.competencies(tidied.named_competencies)
    credentials = await uow.catalog.credentials(tidied.named_credentials)
    definitions.check_references(tidied, competencies.keys(), credentials.keys())
    return tidied


async def publish_credential(uow: LearnersUnitOfWork, credential: PublishedCredential) -> None:
    await uow.catalog.put_credential(credential)
    await uow.announce.catalog([], [credential])
