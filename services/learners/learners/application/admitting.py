"""Operators add training providers, and restore those that were lost with a database."""

from collections.abc import Sequence
from dataclasses import replace

from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.errors import NotPossible, RuleBroken
from learners.domain.provider import Provider
from learners.domain.values import line
from makersync.identifiers import made_at, new_id
from makersync.remarks import Remark


async def add_provider(uow: LearnersUnitOfWork, name: str) -> tuple[Provider, Sequence[Remark]]:
    """Remarks on another provider of the same name: it may be the same one, added twice. Raises RuleBroken."""
    now = uow.clock.now()
    provider = Provider(new_id("prv", now), line("name", name), now, announced=1)
    remarks = await _namesakes(uow, provider)
    await uow.providers.add(provider)
    await uow.announce.provider(provider)
    uow.log.note("provider_added", provider.provider_id, {"name": provider.name})
    return provider, remarks


async def restore_provider(uow: LearnersUnitOfWork, provider_id: str, name: str) -> tuple[Provider, Sequence[Remark]]:
    """Add a provider that was lost with the database, under the id that the topics have. An existing one is never changed,
    except to give it back a name that was lost.

    Raises RuleBroken, NotPossible when there is such a provider under another name, and Stale.
    """
    created_at = made_at("prv", provider_id)
    if created_at is None or created_at > uow.clock.now():
        raise RuleBroken("organisation_id", "identifier", "must be the id that the provider had: prv_ and 26 characters")
    wanted, before = Provider(provider_id, line("name", name), created_at, announced=1), await uow.providers.claim(provider_id)
    if before is not None and not before.is_nameless and before.name != wanted.name:
        raise NotPossible("other_name", "there is such a provider, under another name")
    remarks = await _namesakes(uow, wanted)
    if before is not None and before.name == wanted.name:
        return before, remarks
    if before is None:
        await uow.providers.add(wanted)
    else:
        wanted = replace(wanted, version=before.version + 1, announced=before.version + 1)
        await uow.providers.save(wanted)
    await uow.announce.provider(wanted)
    uow.log.note("provider_restored", provider_id, {"name": wanted.name})
    return wanted, remarks


async def announce_names(uow: LearnersUnitOfWork, most: int) -> int:
    """Publish up to `most` names that others do not know: of providers from before names were published. Returns how many."""
    providers = await uow.providers.claim_unannounced(most)
    for provider in providers:
        await uow.providers.save(replace(provider, announced=provider.version))
        await uow.announce.provider(provider)
    return len(providers)


async def _namesakes(uow: LearnersUnitOfWork, provider: Provider) -> Sequence[Remark]:
    alike = [one.provider_id for one in await uow.providers.named_like(provider.name)]
    return [Remark("name", "same_name", f"provider {one} has it too") for one in alike if one != provider.provider_id]
