"""What mails call a provider and the openings of its learners' matches."""

from collections.abc import Collection, Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.opening_tables import OpeningCopyRow
from learners.adapters.provider_tables import ProviderRow


async def opening_titles(session: AsyncSession, _provider_id: str, opening_ids: Collection[str]) -> Mapping[str, str]:
    """The titles of openings, which are public."""
    these = col(OpeningCopyRow.opening_id).in_(opening_ids)
    return dict((await session.exec(select(OpeningCopyRow.opening_id, OpeningCopyRow.title).where(these))).all())


async def provider_name(session: AsyncSession, provider_id: str) -> str | None:
    row = await session.get(ProviderRow, provider_id)
    return None if row is None else row.name
