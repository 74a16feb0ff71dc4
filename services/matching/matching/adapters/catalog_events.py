"""The events of the catalog as this service reads them, and the definitions that they stand for."""

from typing import Annotated

from msgspec import Meta

from contracts.topics import CATALOG
from contracts.wire import MOST_LISTED
from makersync.effects.reading import Reader, ReaderStruct
from matching.adapters.subject_fields import Id, Level, Months, Reference, References, Text, Texts, Weeks, given
from matching.domain.market.catalog import CompetencyLevel, MarketCompetency, MarketCredential


class CompetencyEntryRead(ReaderStruct, frozen=True, kw_only=True):
    id: Id
    name: Text

    def to_domain(self) -> MarketCompetency:
        return competency_of(self)


class ConferralRead(ReaderStruct, frozen=True, kw_only=True):
    competency: Reference
    level: Level


class CredentialEntryRead(ReaderStruct, frozen=True, kw_only=True):
    """A credential definition (MARKET.md section 2)."""

    id: Id
    name: Text
    issuer: Text
    aliases: Texts = ()
    confers: Annotated[tuple[ConferralRead, ...], Meta(max_length=MOST_LISTED)] = ()
    implies: References = ()
    composed_of: References = ()
    valid_months: Months | None = None
    training_weeks: Weeks | None = None
    references: Texts = ()

    def to_domain(self) -> MarketCredential:
        return credential_of(self)


def competency_of(read: CompetencyEntryRead) -> MarketCompetency:
    """The competency that an event or a file describes."""
    return MarketCompetency(read.id, read.name)


def credential_of(read: CredentialEntryRead) -> MarketCredential:
    """The definition that an event or a file describes; lists that the file leaves out are empty."""
    return MarketCredential(
        id=read.id,
        name=read.name,
        issuer=read.issuer,
        aliases=read.aliases or (),
        confers=tuple([CompetencyLevel(each.competency, each.level) for each in read.confers or ()]),
        implies=read.implies or (),
        composed_of=read.composed_of or (),
        valid_months=given(read.valid_months),
        training_weeks=given(read.training_weeks),
        references=read.references or (),
    )


CATALOG_READER = Reader(
    CATALOG,
    {
        "CompetencyDefined": CompetencyEntryRead,
        "CredentialDefined": CredentialEntryRead,
        "CredentialRevised": CredentialEntryRead,
    },
)
