"""Definitions that readers would confuse: of one issuer, under one name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from learners.domain.catalog import CredentialDefinition, issuer_key
from makersync.remarks import Remark
from makersync.text import name_key


@dataclass(frozen=True, slots=True)
class Namesake:
    """What a definition shares with another: `field` is where it stands in the new one (its name, an alias, or an issuer that
    the other spells differently), `name` how the other has it."""

    field: str
    credential: str
    name: str

    def remark(self) -> Remark:
        if self.field == "issuer":
            return Remark("issuer", "same_issuer", f"is spelled differently by credential {self.credential}: take its spelling")
        return Remark(self.field, "same_name", f"credential {self.credential} of this issuer has this name or alias already")


def namesakes(definition: CredentialDefinition, others: Iterable[CredentialDefinition]) -> tuple[Namesake, ...]:
    """Those of the `others` that it shares a name with, in their order; itself does not count."""
    return tuple(namesake for other in others if other.id != definition.id for namesake in _shared(definition, other))


def _shared(definition: CredentialDefinition, other: CredentialDefinition) -> Iterator[Namesake]:
    if name_key(definition.issuer) != name_key(other.issuer):
        return
    if issuer_key(definition.issuer) != issuer_key(other.issuer):
        yield Namesake("issuer", other.id, other.issuer)
    theirs = {name_key(name): name for name in (*other.aliases, other.name)}
    for field, name in _names(definition):
        if name_key(name) in theirs:
            yield Namesake(field, other.id, theirs[name_key(name)])


def _names(definition: CredentialDefinition) -> Iterator[tuple[str, str]]:
    yield "name", definition.name
    for place, alias in enumerate(definition.aliases):
        yield f"aliases.{place}", alias
