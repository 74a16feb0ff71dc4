"""Competencies and credential definitions (MARKET.md section 2), and the rules that every definition keeps."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from learners.domain.errors import RuleBroken
from learners.domain.values import distinct, few, identifier, line, whole

LEAST_LEVEL, MOST_LEVEL = 1, 5
MOST_LISTED = 50
MOST_MONTHS = 1_200
MOST_WEEKS = 1_000
REFERENCE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Competency:
    id: str
    name: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Conferred:
    """What an active holder can do: a competency at a level from 1 (aware) to 5 (expert)."""

    competency: str
    level: int


@dataclass(frozen=True, slots=True)
class CredentialDefinition:
    """`aliases`, `valid_months` and `references` inform people. `issuer` never changes: evidence stands on it."""

    id: str
    name: str
    issuer: str
    aliases: tuple[str, ...] = ()
    confers: tuple[Conferred, ...] = ()
    implies: tuple[str, ...] = ()
    composed_of: tuple[str, ...] = ()
    valid_months: int | None = None
    training_weeks: int | None = None
    references: tuple[str, ...] = ()

    @property
    def named_credentials(self) -> frozenset[str]:
        return frozenset((*self.implies, *self.composed_of))

    @property
    def named_competencies(self) -> frozenset[str]:
        return frozenset(conferred.competency for conferred in self.confers)


@dataclass(frozen=True, slots=True)
class PublishedCredential:
    """An approved definition. `proposed_by` is the provider that brought it in; None: an operator or the reference catalog."""

    definition: CredentialDefinition
    proposed_by: str | None = None
    version: int = 1


def competency(competency_id: str, name: str, version: int = 1) -> Competency:
    """Raises RuleBroken."""
    return Competency(identifier("id", competency_id), line("name", name), version)


def issuer_key(issuer: str) -> str:
    """By which issuers are compared: two that differ in case alone are the same."""
    return issuer.casefold()


def tidy(definition: CredentialDefinition) -> CredentialDefinition:
    """The definition with its texts in one form, every rule that needs no other definition kept. Raises RuleBroken."""
    identifier("id", definition.id)
    _check_lists(definition)
    _check_confers(definition.confers)
    if definition.valid_months is not None:
        whole("valid_months", definition.valid_months, 1, MOST_MONTHS)
    if definition.training_weeks is not None:
        whole("training_weeks", definition.training_weeks, 0, MOST_WEEKS)
    tidied = replace(
        definition,
        name=line("name", definition.name),
        issuer=line("issuer", definition.issuer),
        aliases=tuple(line(f"aliases.{n}", text) for n, text in enumerate(definition.aliases)),
        references=tuple(line(f"references.{n}", text, REFERENCE_LENGTH) for n, text in enumerate(definition.references)),
    )
    distinct("aliases", tidied.aliases)
    distinct("references", tidied.references)
    return tidied


def check_references(definition: CredentialDefinition, competencies: Set[str], credentials: Set[str]) -> None:
    """Everything it names is defined. Raises RuleBroken."""
    for position, conferred in enumerate(definition.confers):
        if conferred.competency not in competencies:
            raise RuleBroken(f"confers.{position}.competency", "unknown", "is not a competency of the catalog")
    for field, named in (("implies", definition.implies), ("composed_of", definition.composed_of)):
        for position, credential in enumerate(named):
            if credential not in credentials:
                raise RuleBroken(f"{field}.{position}", "unknown", "is not a credential of the catalog")


def revise(before: PublishedCredential, wanted: CredentialDefinition) -> PublishedCredential | None:
    """None when nothing changes. Raises RuleBroken when the issuer would."""
    if wanted.issuer != before.definition.issuer:
        raise RuleBroken("issuer", "fixed", "an issuer never changes: the evidence of awards stands on it")
    if wanted == before.definition:
        return None
    return replace(before, definition=wanted, version=before.version + 1)


def rename(before: Competency, name: str) -> Competency | None:
    """None when nothing changes."""
    wanted = competency(before.id, name, before.version + 1)
    return None if wanted.name == before.name else wanted


def in_defining_order(definitions: Mapping[str, CredentialDefinition]) -> tuple[CredentialDefinition, ...]:
    """Those that others name come first, as far as cycles allow, so that a reader meets few unknown ids."""
    ordered: dict[str, CredentialDefinition] = {}

    def visit(definition: CredentialDefinition, path: frozenset[str]) -> None:
        for name in sorted(definition.named_credentials - path):
            if name in definitions and name not in ordered:
                visit(definitions[name], path | {name})
        ordered.setdefault(definition.id, definition)

    for key in sorted(definitions):
        visit(definitions[key], frozenset({key}))
    return tuple(ordered.values())


def _check_lists(definition: CredentialDefinition) -> None:
    for field in ("aliases", "confers", "implies", "composed_of", "references"):
        few(field, getattr(definition, field), MOST_LISTED)
    for field, named in (("implies", definition.implies), ("composed_of", definition.composed_of)):
        distinct(field, named)
        if definition.id in named:
            raise RuleBroken(f"{field}.{named.index(definition.id)}", "itself", "a credential cannot name itself")


def _check_confers(confers: tuple[Conferred, ...]) -> None:
    for position, conferred in enumerate(confers):
        whole(f"confers.{position}.level", conferred.level, LEAST_LEVEL, MOST_LEVEL)
    distinct("confers", (conferred.competency for conferred in confers))
