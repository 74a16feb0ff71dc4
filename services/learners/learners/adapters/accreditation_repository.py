"""Accreditations in SQL, and the evidence that is to be derived again after one changed.

Recording an award takes a shared lock on the provider's row, and changing its accreditations an exclusive one. So an award is
either recorded under the changed accreditations, or already stored when evidence is derived again.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.accreditation_tables import AccreditationRow, RederivationRow
from learners.adapters.provider_tables import ProviderRow
from learners.adapters.statements import change_one_row, equal
from learners.domain.accreditation import Accreditation, Rederivation
from learners.domain.catalog import issuer_key
from learners.domain.errors import Absent
from makersync.http.pagination import Order, Page, PageRequest, page_of

ACCREDITATION = AccreditationRow.sql_table()
REDERIVATION = RederivationRow.sql_table()


class AccreditationRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, accreditation_id: str) -> Accreditation:
        return _found(await self._session.get(AccreditationRow, accreditation_id))

    async def claim(self, accreditation_id: str) -> Accreditation:
        return _found(await self._session.get(AccreditationRow, accreditation_id, with_for_update=True, populate_existing=True))

    async def claim_all(self, provider_id: str, issuer: str) -> tuple[Accreditation, ...]:
        await self._lock_provider(provider_id, shared=True)
        return await self.of(provider_id, issuer)

    async def of(self, provider_id: str, issuer: str) -> tuple[Accreditation, ...]:
        statement = select(AccreditationRow).where(
            col(AccreditationRow.provider_id) == provider_id, col(AccreditationRow.issuer_key) == issuer_key(issuer)
        )
        return tuple(accreditation_of(row) for row in (await self._session.exec(statement)).all())

    async def add(self, accreditation: Accreditation) -> None:
        await self._lock_provider(accreditation.provider_id, shared=False)
        await self._session.exec(insert(ACCREDITATION).values(**_columns(accreditation)))

    async def save(self, accreditation: Accreditation) -> None:
        await self._lock_provider(accreditation.provider_id, shared=False)
        here = (ACCREDITATION.c.accreditation_id == accreditation.accreditation_id) & (
            ACCREDITATION.c.version == accreditation.version - 1
        )
        await change_one_row(self._session, update(ACCREDITATION).where(here).values(**_columns(accreditation)))

    async def request_rederivation(self, provider_id: str, issuer: str, at: datetime) -> None:
        row = {"provider_id": provider_id, "issuer": issuer, "after_learner": "", "changed": 0, "requested_at": at}
        await self._session.exec(insert(REDERIVATION).values(**row))

    async def claim_rederivation(self) -> Rederivation | None:
        statement = (
            select(RederivationRow)
            .where(col(RederivationRow.done_at).is_(None))
            .order_by(col(RederivationRow.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = (await self._session.exec(statement)).first()
        return None if row is None else Rederivation(row.id or 0, row.provider_id, row.issuer, row.after_learner)

    async def advance(self, rederivation: Rederivation, after_learner: str, changed: int, done_at: datetime | None) -> None:
        here = (REDERIVATION.c.id == rederivation.rederivation_id) & (
            REDERIVATION.c.after_learner == rederivation.after_learner
        )
        values = {"after_learner": after_learner, "changed": REDERIVATION.c.changed + changed, "done_at": done_at}
        await change_one_row(self._session, update(REDERIVATION).where(here).values(**values))

    async def _lock_provider(self, provider_id: str, shared: bool) -> None:
        row = select(ProviderRow.provider_id).where(col(ProviderRow.provider_id) == provider_id)
        await self._session.exec(row.with_for_update(read=shared))


def _found(row: AccreditationRow | None) -> Accreditation:
    if row is None:
        raise Absent
    return accreditation_of(row)


def accreditation_of(row: AccreditationRow) -> Accreditation:
    return Accreditation(
        row.accreditation_id,
        row.provider_id,
        row.issuer,
        row.since,
        row.until,
        row.ended_at,
        row.retroactive,
        row.version,
        row.reason,
    )


def _columns(accreditation: Accreditation) -> dict[str, Any]:
    return {
        "accreditation_id": accreditation.accreditation_id,
        "provider_id": accreditation.provider_id,
        "issuer": accreditation.issuer,
        "issuer_key": issuer_key(accreditation.issuer),
        "since": accreditation.since,
        "until": accreditation.until,
        "ended_at": accreditation.ended_at,
        "retroactive": accreditation.retroactive,
        "version": accreditation.version,
        "reason": accreditation.reason,
    }


async def list_accreditations(
    session: AsyncSession, provider_id: str | None, issuer: str | None, page: PageRequest
) -> Page[Accreditation]:
    key = None if issuer is None else issuer_key(issuer)
    statement = equal(select(AccreditationRow), col(AccreditationRow.provider_id), provider_id)
    statement = equal(statement, col(AccreditationRow.issuer_key), key)
    order = Order((col(AccreditationRow.accreditation_id),))
    return await page_of(session, statement, order, page, accreditation_of)
