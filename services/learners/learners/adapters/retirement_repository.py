"""Retirements of credential definitions in SQL."""

from collections.abc import Collection, Mapping
from dataclasses import asdict

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.retirement_tables import RetirementRow
from learners.domain.retirement import Retirement
from makersync.store.upserts import upsert


class RetirementRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, credential: str) -> Retirement | None:
        return (await self.among([credential])).get(credential)

    async def among(self, credentials: Collection[str]) -> Mapping[str, Retirement]:
        if not credentials:
            return {}
        rows = await self._session.exec(select(RetirementRow).where(col(RetirementRow.credential).in_(credentials)))
        return {row.credential: Retirement(row.credential, row.retired_at, row.reason, row.superseded_by) for row in rows}

    async def put(self, retirement: Retirement) -> None:
        await upsert(self._session, RetirementRow, [asdict(retirement)], ["credential"])

    async def remove(self, credential: str) -> None:
        await self._session.exec(delete(RetirementRow).where(col(RetirementRow.credential) == credential))
