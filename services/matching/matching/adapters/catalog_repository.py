"""The catalog as it is stored."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import convert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.adapters.catalog_events import CompetencyEntryRead, CredentialEntryRead
from matching.adapters.catalog_tables import CatalogRow
from matching.domain.market.catalog import MarketCatalog


async def load_catalog(session: AsyncSession) -> MarketCatalog:
    """Every definition that has arrived."""
    rows = (await session.exec(select(CatalogRow).order_by(col(CatalogRow.subject)))).all()
    return catalog_of((row.subject, row.document) for row in rows)


def catalog_of(documents: Iterable[tuple[str, Mapping[str, Any]]]) -> MarketCatalog:
    """The catalog of definitions, each with its subject."""
    named = list(documents)
    competencies = [convert(each, CompetencyEntryRead) for subject, each in named if subject.startswith("competency/")]
    credentials = [convert(each, CredentialEntryRead) for subject, each in named if subject.startswith("credential/")]
    return MarketCatalog.of((each.to_domain() for each in competencies), (each.to_domain() for each in credentials))
