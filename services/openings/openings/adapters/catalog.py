"""The service's own copy of the catalog: fed by `learners.catalog.v1`, read by validation and by employers who search."""

from collections.abc import Set
from typing import Annotated, Any, TypeVar

from pydantic import Field
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import CATALOG
from contracts.wire import MOST_LISTED, Identifier, Text
from makersync.effects.reading import Reader, ReaderModel, Reading, Received
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.database import upsert
from openings.adapters.tables import CompetencyCopyRow, CredentialCopyRow
from openings.domain.rules import KnownIds

Row = TypeVar("Row", CompetencyCopyRow, CredentialCopyRow)


class CompetencyReading(ReaderModel):
    id: Identifier
    name: Text


class CredentialReading(ReaderModel):
    id: Identifier
    name: Text
    issuer: Text
    aliases: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = ()


CATALOG_READER = Reader(
    CATALOG,
    {
        "CompetencyDefined": CompetencyReading,
        "CredentialDefined": CredentialReading,
        "CredentialRevised": CredentialReading,
    },
)


class CatalogCopy:
    """The catalog as this service knows it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def known_among(self, wanted: KnownIds) -> KnownIds:
        return KnownIds(
            await self._ids(CredentialCopyRow, wanted.credentials),
            await self._ids(CompetencyCopyRow, wanted.competencies),
        )

    async def versions(self, subjects: Set[str]) -> dict[str, int]:
        """The version of each definition that is known, by its event's subject: `competency/ID`, `credential/ID`."""
        found: dict[str, int] = {}
        tables: dict[str, type[CompetencyCopyRow] | type[CredentialCopyRow]] = {
            "competency": CompetencyCopyRow,
            "credential": CredentialCopyRow,
        }
        for kind, table in tables.items():
            ids = [subject.partition("/")[2] for subject in subjects if subject.startswith(f"{kind}/")]
            rows = await self._session.exec(select(table.id, table.version).where(col(table.id).in_(ids)))
            found |= {f"{kind}/{each}": version for each, version in rows}
        return found

    async def competencies(self, words: str, page: PageRequest) -> Page[CompetencyCopyRow]:
        """Those in whose id or name every word occurs, whatever its case. Raises MalformedRequest for a foreign cursor."""
        return await self._search(CompetencyCopyRow, words, page)

    async def credentials(self, words: str, page: PageRequest) -> Page[CredentialCopyRow]:
        """Those in whose id, name, issuer or aliases every word occurs. Raises MalformedRequest for a foreign cursor."""
        return await self._search(CredentialCopyRow, words, page)

    async def keep(self, received: Received[Reading]) -> None:
        """Write a definition unless a newer version of it is there."""
        version, definition = received.event.version, received.data
        if isinstance(definition, CompetencyReading):
            text = _search_text(definition.id, definition.name)
            row: dict[str, Any] = {"id": definition.id, "version": version, "name": definition.name, "search_text": text}
            await upsert(self._session, CompetencyCopyRow, [row], ["id"], newer_by="version")
        elif isinstance(definition, CredentialReading):
            text = _search_text(definition.id, definition.name, definition.issuer, *definition.aliases)
            row = definition.model_dump(mode="json") | {"version": version, "search_text": text}
            await upsert(self._session, CredentialCopyRow, [row], ["id"], newer_by="version")

    async def _ids(self, table: type[Row], wanted: Set[str]) -> Set[str]:
        if not wanted:
            return frozenset()
        return frozenset(await self._session.exec(select(col(table.id)).where(col(table.id).in_(wanted))))

    async def _search(self, table: type[Row], words: str, page: PageRequest) -> Page[Row]:
        statement = select(table)
        for word in words.lower().split():
            statement = statement.where(col(table.search_text).contains(word, autoescape=True))
        return await page_of(self._session, statement, Order((col(table.id),)), page, lambda row: row)


def _search_text(*texts: str) -> str:
    return "\n".join(texts).lower()
