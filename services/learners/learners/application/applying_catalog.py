"""Operators apply a whole file of definitions: what is new is defined, what differs is revised, the rest stays."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from learners.application.cataloguing import namesakes_of, remarks_on_competency
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain import catalog as definitions
from learners.domain.catalog import Competency, CredentialDefinition, PublishedCredential
from learners.domain.errors import InvalidDefinitions, RuleBroken
from makersync.remarks import Remark

EntryT = TypeVar("EntryT", Competency, CredentialDefinition)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done, as subjects such as `credential/nims:drill-press-1`; `unchanged` counts entries that caused nothing.
    `remarks` point out names that a definition of the file shares with another; their fields begin with its id."""

    defined: tuple[str, ...]
    revised: tuple[str, ...]
    unchanged: int
    remarks: tuple[Remark, ...] = ()


async def apply_catalog(
    uow: LearnersUnitOfWork, competencies: Sequence[Competency], credentials: Sequence[CredentialDefinition]
) -> Applied:
    """The same rules apply as over HTTP; entries of the file may name each other.

    Raises InvalidDefinitions, and Stale when the catalog changes meanwhile: the transaction must then be rolled back.
    """
    new_competencies = await _competencies(uow, competencies)
    new_credentials = await _credentials(uow, {each.id for each in competencies}, credentials)
    for competency in new_competencies:
        await uow.catalog.put_competency(competency)
        uow.log.note("competency_defined", competency.id, {})
    for credential in new_credentials:
        await uow.catalog.put_credential(credential)
        uow.log.note("credential_defined", credential.definition.id, {})
    await uow.announce.catalog(new_competencies, new_credentials)
    versions = {f"competency/{each.id}": each.version for each in new_competencies}
    versions |= {f"credential/{each.definition.id}": each.version for each in new_credentials}
    return Applied(
        defined=tuple(subject for subject, version in versions.items() if version == 1),
        revised=tuple(subject for subject, version in versions.items() if version > 1),
        unchanged=len(competencies) + len(credentials) - len(versions),
        remarks=await _shared_names(uow, new_competencies, new_credentials),
    )


async def _shared_names(
    uow: LearnersUnitOfWork, competencies: Sequence[Competency], credentials: Sequence[PublishedCredential]
) -> tuple[Remark, ...]:
    found = [(each.id, await remarks_on_competency(uow, each)) for each in competencies]
    for definition in (each.definition for each in credentials):
        found += [(definition.id, [one.remark() for one in await namesakes_of(uow, definition)])]
    return tuple(replace(remark, field=f"{name}.{remark.field}") for name, remarks in found for remark in remarks)


async def _competencies(uow: LearnersUnitOfWork, wanted: Sequence[Competency]) -> list[Competency]:
    """Those that are new or renamed."""
    known = await uow.catalog.competencies([each.id for each in wanted])

    def checked(each: Competency) -> Competency | None:
        tidied = definitions.competency(each.id, each.name)
        return definitions.rename(known[each.id], tidied.name) if each.id in known else tidied

    return [each for each in _each("competencies", wanted, checked) if each is not None]


async def _credentials(
    uow: LearnersUnitOfWork, beside: Collection[str], wanted: Sequence[CredentialDefinition]
) -> list[PublishedCredential]:
    """Those that are new or differ, in defining order. `beside`: the competencies of the same file."""
    known = await uow.catalog.credentials([each.id for each in wanted])
    named_competencies = sorted({name for each in wanted for name in each.named_competencies})
    named_credentials = sorted({name for each in wanted for name in each.named_credentials})
    competencies = (await uow.catalog.competencies(named_competencies)).keys() | set(beside)
    credentials = (await uow.catalog.credentials(named_credentials)).keys() | {each.id for each in wanted}

    def checked(each: CredentialDefinition) -> PublishedCredential | None:
        tidied = definitions.tidy(each)
        definitions.check_references(tidied, competencies, credentials)
        return definitions.revise(known[each.id], tidied) if each.id in known else PublishedCredential(tidied)

    changed = {each.definition.id: each for each in _each("credentials", wanted, checked) if each is not None}
    ordered = definitions.in_defining_order({key: each.definition for key, each in changed.items()})
    return [changed[each.id] for each in ordered]


def _each(field: str, entries: Sequence[EntryT], check: Callable[[EntryT], T]) -> list[T]:
    """The checked entries. Raises InvalidDefinitions with the first problem of every entry; an id may occur only once."""
    problems: list[RuleBroken] = []
    found: list[T] = []
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        try:
            if entry.id in seen:
                raise RuleBroken("id", "repeated", "is listed already")
            seen.add(entry.id)
            found.append(check(entry))
        except RuleBroken as broken:
            problems.append(RuleBroken(f"{field}.{position}.{broken.field}", broken.rule, broken.detail))
    if problems:
        raise InvalidDefinitions(problems)
    return found
