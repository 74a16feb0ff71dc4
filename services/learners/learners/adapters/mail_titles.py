"""What mails call a provider and the things that its feed is about."""

from collections.abc import Collection, Mapping

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.provider_tables import ProviderRow


async def no_titles(_session: AsyncSession, _provider_id: str, _sections: Collection[str]) -> Mapping[str, str]:
    """Sections of a provider's mails are kinds of changes, which need no title."""
    return {}


async def provider_name(session: AsyncSession, provider_id: str) -> str | None:
    row = await session.get(ProviderRow, provider_id)
    return None if row is None else row.name
