"""Drafts in the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from makersync.runtime.drafts import RegionDrafts
from makersync.store.upserts import upsert
from openings.adapters.draft_events import draft_state
from openings.adapters.reach_tables import DraftRow
from openings.domain.draft import Draft
from openings.domain.opening import Terms

_PLAIN = ("draft_id", "employer_id", "region", "version", "preview_id", "changed_at")


class DraftRepository:
    """It has no scope: whoever asks has claimed the employer, or is the service itself."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim_of(self, employer_id: str) -> Sequence[Draft]:
        return await self._claimed(select(DraftRow).where(col(DraftRow.employer_id) == employer_id))

    async def claim_known(self, draft_ids: Collection[str]) -> dict[str, Draft]:
        """Those of these that there are, locked in the order of their ids."""
        wanted = select(DraftRow).where(col(DraftRow.draft_id).in_(draft_ids))
        return {draft.draft_id: draft for draft in await self._claimed(wanted)}

    async def claim_overdue(self, before: datetime, most: int) -> Sequence[Draft]:
        waiting = (col(DraftRow.preview_id).is_not(None), col(DraftRow.changed_at) < before)
        some = select(DraftRow).where(*waiting).order_by(col(DraftRow.draft_id)).limit(most)
        return [draft_of(row) for row in await self._session.exec(some.with_for_update(skip_locked=True))]

    async def submit(self, draft: Draft, terms: Terms) -> None:
        state = draft_state(draft, terms).model_dump(mode="json", exclude_none=True)
        await self._write(draft, state)

    async def end(self, draft: Draft) -> None:
        await self._write(draft, None)

    async def _write(self, draft: Draft, state: dict[str, Any] | None) -> None:
        values = {name: getattr(draft, name) for name in _PLAIN}
        await upsert(self._session, DraftRow, [values | {"state": state}], ["draft_id"])

    async def _claimed(self, wanted: SelectOfScalar[DraftRow]) -> list[Draft]:
        ordered = wanted.order_by(col(DraftRow.draft_id)).with_for_update().execution_options(populate_existing=True)
        return [draft_of(row) for row in await self._session.exec(ordered)]


async def waiting_drafts(session: AsyncSession) -> Sequence[RegionDrafts]:
    """Those that nobody has answered yet, of all employers."""
    asked = select(DraftRow.region, func.count(), func.min(DraftRow.changed_at)).where(col(DraftRow.preview_id).is_not(None))
    by_region = asked.group_by(DraftRow.region).order_by(DraftRow.region)
    return [RegionDrafts(region, count, since) for region, count, since in await session.exec(by_region)]


def draft_of(row: DraftRow) -> Draft:
    return Draft(**{name: getattr(row, name) for name in _PLAIN})
