"""Providers in SQL."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import insert, literal, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.provider_tables import ProviderRow
from learners.adapters.statements import insert_new
from learners.domain.errors import Absent
from learners.domain.provider import LOST_PREFIX, LOST_SUFFIX, Provider, lost_name
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.text import name_key

PROVIDER = ProviderRow.sql_table()


class ProviderRepository:
    """`provider_id` None: operators, who see all."""

    def __init__(self, session: AsyncSession, provider_id: str | None) -> None:
        self._session = session
        self._provider_id = provider_id

    async def get(self, provider_id: str) -> Provider:
        row = await self._session.get(ProviderRow, provider_id)
        if row is None or self._provider_id not in (None, provider_id):
            raise Absent
        return _provider_of(row)

    async def named_like(self, name: str) -> list[Provider]:
        """Compared here, since databases do not compare names by `name_key`."""
        rows = (await self._session.exec(select(ProviderRow))).all()
        return [_provider_of(row) for row in rows if name_key(row.name) == name_key(name)]

    async def add(self, provider: Provider) -> None:
        await insert_new(self._session, insert(PROVIDER).values(**asdict(provider)))

    async def claim(self, provider_id: str) -> Provider | None:
        row = await self._session.get(ProviderRow, provider_id, with_for_update=True, populate_existing=True)
        return None if row is None else _provider_of(row)

    async def claim_unannounced(self, most: int) -> list[Provider]:
        nameless = col(ProviderRow.name) == literal(LOST_PREFIX) + col(ProviderRow.provider_id) + literal(LOST_SUFFIX)
        unknown = select(ProviderRow).where(col(ProviderRow.announced) < col(ProviderRow.version), ~nameless)
        ordered = unknown.order_by(col(ProviderRow.provider_id)).limit(most).with_for_update()
        return [_provider_of(row) for row in await self._session.exec(ordered)]

    async def save(self, provider: Provider) -> None:
        here = PROVIDER.c.provider_id == provider.provider_id
        await self._session.exec(update(PROVIDER).where(here).values(**asdict(provider)))


def _provider_of(row: ProviderRow) -> Provider:
    return Provider(row.provider_id, row.name, row.created_at, row.version, row.announced)


async def provider_exists(session: AsyncSession, provider_id: str) -> bool:
    return await session.get(ProviderRow, provider_id) is not None


async def provider_names(session: AsyncSession, provider_ids: Collection[str]) -> dict[str, str]:
    statement = select(ProviderRow.provider_id, ProviderRow.name).where(col(ProviderRow.provider_id).in_(provider_ids))
    return dict((await session.exec(statement)).all())


async def restore_provider(session: AsyncSession, provider_id: str, at: datetime) -> None:
    """Add a provider that only the topics know. Operators then give it its name and keys again."""
    if await session.get(ProviderRow, provider_id) is None:
        session.add(ProviderRow(provider_id=provider_id, name=lost_name(provider_id), created_at=at, version=1))
        await session.flush()


async def list_providers(session: AsyncSession, page: PageRequest) -> Page[Provider]:
    return await page_of(session, select(ProviderRow), Order((col(ProviderRow.provider_id),)), page, _provider_of)
