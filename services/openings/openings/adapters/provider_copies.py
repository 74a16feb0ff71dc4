"""This service's copy of the names of training providers in SQL. A name is written only over an older one."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import upsert
from openings.adapters.provider_tables import ProviderCopyRow


async def keep_providers(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Of two rows of one provider the newer counts."""
    await upsert(session, ProviderCopyRow, rows, ["provider_id"], newer_by="version")


async def provider_versions(session: AsyncSession, provider_ids: Set[str]) -> Mapping[str, int]:
    here = col(ProviderCopyRow.provider_id).in_(provider_ids)
    return dict((await session.exec(select(ProviderCopyRow.provider_id, ProviderCopyRow.version).where(here))).all())


async def provider_names(session: AsyncSession, provider_ids: Iterable[str | None]) -> Mapping[str, str]:
    """The names of those of the providers that this service has read of, by id."""
    here = col(ProviderCopyRow.provider_id).in_({each for each in provider_ids if each is not None})
    return dict((await session.exec(select(ProviderCopyRow.provider_id, ProviderCopyRow.name).where(here))).all())
