"""Providers in SQL."""

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_tables import ProviderRow
from learners.application.errors import Absent
from learners.application.ports import Provider
from makersync.text import name_key


class SqlProviders:
    """`provider_id` None: operators, who see all."""

    def __init__(self, session: AsyncSession, provider_id: str | None) -> None:
        self._session = session
        self._provider_id = provider_id

    async def get(self, provider_id: str) -> Provider:
        row = await self._session.get(ProviderRow, provider_id)
        if row is None or self._provider_id not in (None, provider_id):
            raise Absent
        return Provider(row.provider_id, row.name, row.created_at, row.version)

    async def named_like(self, name: str) -> list[Provider]:
        """Compared here: no database knows which names are one."""
        rows = (await self._session.exec(select(ProviderRow))).all()
        same = [row for row in rows if name_key(row.name) == name_key(name)]
        return [Provider(row.provider_id, row.name, row.created_at, row.version) for row in same]

    async def add(self, provider: Provider) -> None:
        row = ProviderRow(
            provider_id=provider.provider_id, name=provider.name, created_at=provider.created_at, version=provider.version
        )
        self._session.add(row)
        await self._session.flush()


async def provider_exists(session: AsyncSession, provider_id: str) -> bool:
    return await session.get(ProviderRow, provider_id) is not None


async def restore_provider(session: AsyncSession, provider_id: str, at: datetime) -> None:
    """A provider of whom only topics tell: its name is lost, and operators issue its keys."""
    if await session.get(ProviderRow, provider_id) is None:
        session.add(ProviderRow(provider_id=provider_id, name=f"Name lost ({provider_id})", created_at=at, version=1))
        await session.flush()
