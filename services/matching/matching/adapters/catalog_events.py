"""The events of the catalog as this service reads them, and the definitions that they stand for."""

from typing import Annotated

from pydantic import Field

from contracts.topics import CATALOG
from contracts.wire import (
    MOST_LISTED,
    Identifier,
    Level,
    Text,
)
from makersync.effects.reading import Reader, ReaderModel
from matching.domain.market.catalog import CompetencyLevel, MarketCompetency, MarketCredential


class CompetencyEntryRead(ReaderModel):
    id: Identifier
    name: Text

    def to_domain(self) -> MarketCompetency:
        return MarketCompetency(self.id, self.name)


class ConferralRead(ReaderModel):
    competency: Identifier
    level: Level


class CredentialEntryRead(ReaderModel):
    """A credential definition (MARKET.md section 2)."""

    id: Identifier
    name: Text
    issuer: Text
    aliases: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = ()
    confers: Annotated[tuple[ConferralRead, ...], Field(max_length=MOST_LISTED)] = ()
    implies: Annotated[tuple[Identifier, ...], Field(max_length=MOST_LISTED)] = ()
    composed_of: Annotated[tuple[Identifier, ...], Field(max_length=MOST_LISTED)] = ()
    valid_months: Annotated[int, Field(ge=1, le=1_200, strict=True)] | None = None
    training_weeks: Annotated[int, Field(ge=0, le=1_000, strict=True)] | None = None
    references: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = ()

    def to_domain(self) -> MarketCredential:
        fields = {name: getattr(self, name) for name in type(self).model_fields if name != "confers"}
        confers = tuple(CompetencyLevel(each.competency, each.level) for each in self.confers)
        return MarketCredential(**fields, confers=confers)


CATALOG_READER = Reader(
    CATALOG,
    {
        "CompetencyDefined": CompetencyEntryRead,
        "CredentialDefined": CredentialEntryRead,
        "CredentialRevised": CredentialEntryRead,
    },
)
