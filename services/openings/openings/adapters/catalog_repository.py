"""This service's copy of the catalog: validation and employers' searches read it."""

from collections.abc import Mapping, Sequence, Set
from typing import Any, TypeVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.upserts import upsert
from openings.adapters.catalog_tables import CompetencyCopyRow, CredentialCopyRow
from openings.adapters.search_terms import COMPETENCIES, CREDENTIALS, found_by, write_terms
from openings.domain.opening_rules import KnownIds

Row = TypeVar("Row", CompetencyCopyRow, CredentialCopyRow)

#: The tables by the first part of an event's subject: `competency/ID` or `credential/ID`.
_TABLES: Mapping[str, type[CompetencyCopyRow] | type[CredentialCopyRow]] = {
    "competency": CompetencyCopyRow,
    "credential": CredentialCopyRow,
}


class CatalogCopyRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def known_among(self, wanted: KnownIds) -> KnownIds:
        return KnownIds(
            await self._ids(CredentialCopyRow, wanted.credentials),
            await self._ids(CompetencyCopyRow, wanted.competencies),
        )

    async def versions(self, subjects: Set[str]) -> dict[str, int]:
        """The stored version of each known definition, by the subject of its events."""
        found: dict[str, int] = {}
        for kind, table in _TABLES.items():
            ids = [subject.partition("/")[2] for subject in subjects if subject.startswith(f"{kind}/")]
            rows = await self._session.exec(select(table.id, table.version).where(col(table.id).in_(ids)))
            found |= {f"{kind}/{each}": version for each, version in rows}
        return found

    async def competencies(self, words: str, page: PageRequest) -> Page[CompetencyCopyRow]:
        """Those with every word in their id or name, in any case. Raises MalformedRequest when the cursor does not belong to
        this list."""
        return await self._search(CompetencyCopyRow, words, page)

    async def credentials(self, words: str, page: PageRequest) -> Page[CredentialCopyRow]:
        """Those with every word in their id, name, issuer or aliases, in any case. Raises MalformedRequest when the cursor does
        not belong to this list."""
        return await self._search(CredentialCopyRow, words, page)

    async def credentials_beginning(self, words: str, most: int) -> Sequence[CredentialCopyRow]:
        """Up to `most`, in the order of their ids, in whose id, name, issuer or aliases words begin with each of these."""
        return await self._beginning(CredentialCopyRow, CREDENTIALS, words, most)

    async def competencies_beginning(self, words: str, most: int) -> Sequence[CompetencyCopyRow]:
        """Up to `most`, in the order of their ids, in whose id or name words begin with each of these."""
        return await self._beginning(CompetencyCopyRow, COMPETENCIES, words, most)

    async def credential_names(self, wanted: Set[str]) -> Mapping[str, str]:
        """The names of those of the credentials that the copy has, by id."""
        return await self._named(CredentialCopyRow, wanted)

    async def competency_names(self, wanted: Set[str]) -> Mapping[str, str]:
        """The names of those of the competencies that the copy has, by id."""
        return await self._named(CompetencyCopyRow, wanted)

    async def keep_competency(self, version: int, competency_id: str, name: str) -> None:
        """Write the competency unless a newer version is stored."""
        row = {"id": competency_id, "version": version, "name": name, "search_text": _search_text(competency_id, name)}
        await upsert(self._session, CompetencyCopyRow, [row], ["id"], newer_by="version")
        await self._write_terms(CompetencyCopyRow, COMPETENCIES, competency_id)

    async def keep_credential(self, version: int, definition: Mapping[str, Any]) -> None:
        """Write the credential unless a newer version is stored. `definition` has its id, name, issuer and aliases."""
        text = _search_text(definition["id"], definition["name"], definition["issuer"], *definition["aliases"])
        row = {**definition, "version": version, "search_text": text}
        await upsert(self._session, CredentialCopyRow, [row], ["id"], newer_by="version")
        await self._write_terms(CredentialCopyRow, CREDENTIALS, definition["id"])

    async def _ids(self, table: type[Row], wanted: Set[str]) -> Set[str]:
        if not wanted:
            return frozenset()
        return frozenset(await self._session.exec(select(col(table.id)).where(col(table.id).in_(wanted))))

    async def _named(self, table: type[Row], wanted: Set[str]) -> Mapping[str, str]:
        if not wanted:
            return {}
        return dict((await self._session.exec(select(table.id, table.name).where(col(table.id).in_(wanted)))).all())

    async def _beginning(self, table: type[Row], scope: str, words: str, most: int) -> Sequence[Row]:
        statement = select(table)
        for found in found_by(scope, words):
            statement = statement.where(col(table.id).in_(found))
        return (await self._session.exec(statement.order_by(col(table.id)).limit(most))).all()

    async def _write_terms(self, table: type[Row], scope: str, identifier: str) -> None:
        """By what is stored now, which may be newer than what came."""
        texts = (await self._session.exec(select(table.search_text).where(col(table.id) == identifier))).one()
        await write_terms(self._session, scope, identifier, texts)

    async def _search(self, table: type[Row], words: str, page: PageRequest) -> Page[Row]:
        statement = select(table)
        for word in words.lower().split():
            statement = statement.where(col(table.search_text).contains(word, autoescape=True))
        return await page_of(self._session, statement, Order((col(table.id),)), page, lambda row: row)


def _search_text(*texts: str) -> str:
    return "\n".join(texts).lower()
