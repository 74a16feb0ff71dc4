"""The catalog in SQL."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.catalog_tables import CompetencyRow, CredentialRow
from learners.adapters.statements import change_one_row, equal, insert_new
from learners.domain.catalog import Competency, Conferred, CredentialDefinition, PublishedCredential, issuer_key
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.text import name_key

COMPETENCY = CompetencyRow.sql_table()
CREDENTIAL = CredentialRow.sql_table()


class CatalogRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def credential(self, credential_id: str) -> PublishedCredential | None:
        return (await self.credentials([credential_id])).get(credential_id)

    async def credentials(self, wanted: Collection[str]) -> Mapping[str, PublishedCredential]:
        if not wanted:
            return {}
        rows = await self._session.exec(select(CredentialRow).where(col(CredentialRow.id).in_(wanted)))
        return {row.id: credential_of(row) for row in rows.all()}

    async def competencies(self, wanted: Collection[str]) -> Mapping[str, Competency]:
        if not wanted:
            return {}
        rows = await self._session.exec(select(CompetencyRow).where(col(CompetencyRow.id).in_(wanted)))
        return {row.id: competency_of(row) for row in rows.all()}

    async def competencies_like(self, name: str) -> list[Competency]:
        rows = (await self._session.exec(select(CompetencyRow).order_by(col(CompetencyRow.id)))).all()
        return [competency_of(row) for row in rows if name_key(row.name) == name_key(name)]

    async def of_issuers_like(self, issuer: str) -> list[CredentialDefinition]:
        alike = select(CredentialRow).where(col(CredentialRow.issuer_like) == name_key(issuer))
        rows = (await self._session.exec(alike.order_by(col(CredentialRow.id)))).all()
        return [definition_of(row.definition) for row in rows]

    async def origins(self, issuer: str) -> frozenset[str | None]:
        statement = select(CredentialRow.proposed_by).where(col(CredentialRow.issuer_key) == issuer_key(issuer)).distinct()
        return frozenset((await self._session.exec(statement)).all())

    async def put_credential(self, credential: PublishedCredential) -> None:
        await self._put(CREDENTIAL, credential_columns(credential))

    async def put_competency(self, competency: Competency) -> None:
        await self._put(COMPETENCY, asdict(competency))

    async def _put(self, table: Table, columns: dict[str, Any]) -> None:
        if columns["version"] == 1:
            await insert_new(self._session, insert(table).values(**columns))
        else:
            here = (table.c.id == columns["id"]) & (table.c.version == columns["version"] - 1)
            await change_one_row(self._session, update(table).where(here).values(**columns))


def credential_of(row: CredentialRow) -> PublishedCredential:
    return PublishedCredential(definition_of(row.definition), row.proposed_by, row.version)


def credential_columns(credential: PublishedCredential) -> dict[str, Any]:
    definition = credential.definition
    return {
        "id": definition.id,
        "issuer_key": issuer_key(definition.issuer),
        "issuer_like": name_key(definition.issuer),
        "proposed_by": credential.proposed_by,
        "definition": asdict(definition),
        "version": credential.version,
    }


def competency_of(row: CompetencyRow) -> Competency:
    return Competency(row.id, row.name, row.version)


def definition_of(document: Mapping[str, Any]) -> CredentialDefinition:
    """From a document as it is stored in a row, published in an event or listed in the reference catalog."""
    return CredentialDefinition(
        id=document["id"],
        name=document["name"],
        issuer=document["issuer"],
        aliases=tuple(document.get("aliases", ())),
        confers=tuple(Conferred(one["competency"], one["level"]) for one in document.get("confers", ())),
        implies=tuple(document.get("implies", ())),
        composed_of=tuple(document.get("composed_of", ())),
        valid_months=document.get("valid_months"),
        training_weeks=document.get("training_weeks"),
        references=tuple(document.get("references", ())),
    )


async def has_credential(session: AsyncSession, credential: str) -> bool:
    return await session.get(CredentialRow, credential) is not None


async def has_issuer(session: AsyncSession, issuer: str) -> bool:
    of_issuer = select(CredentialRow.id).where(col(CredentialRow.issuer_key) == issuer_key(issuer))
    return (await session.exec(of_issuer.limit(1))).first() is not None


async def list_credentials(session: AsyncSession, issuer: str | None, page: PageRequest) -> Page[PublishedCredential]:
    key = None if issuer is None else issuer_key(issuer)
    statement = equal(select(CredentialRow), col(CredentialRow.issuer_key), key)
    return await page_of(session, statement, Order((col(CredentialRow.id),)), page, credential_of)


async def list_competencies(session: AsyncSession, page: PageRequest) -> Page[Competency]:
    return await page_of(session, select(CompetencyRow), Order((col(CompetencyRow.id),)), page, competency_of)


async def training_weeks_of(session: AsyncSession, credentials: Collection[str]) -> Mapping[str, int | None]:
    """The training weeks of each of the credentials that the catalog has; None when unknown."""
    statement = select(CredentialRow).where(col(CredentialRow.id).in_(credentials))
    return {row.id: row.definition.get("training_weeks") for row in (await session.exec(statement)).all()}
