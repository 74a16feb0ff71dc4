"""The catalog as it is stored."""

from msgspec import convert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.adapters.catalog_events import CompetencyEntryRead, CredentialEntryRead
from matching.adapters.catalog_tables import CatalogRow
from matching.domain.market.catalog import MarketCatalog


async def load_catalog(session: AsyncSession) -> MarketCatalog:
    """Every definition that has arrived."""
    rows = (await session.exec(select(CatalogRow).order_by(col(CatalogRow.subject)))).all()
    competencies = [convert(r.document, CompetencyEntryRead) for r in rows if r.subject.startswith("competency/")]
    credentials = [convert(r.document, CredentialEntryRead) for r in rows if r.subject.startswith("credential/")]
    return MarketCatalog.of((each.to_domain() for each in competencies), (each.to_domain() for each in credentials))
