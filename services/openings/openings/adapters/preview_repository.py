"""Previews in the database, limited to those that the caller may see."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.openings import RequirementGroupState
from openings.adapters.opening_events import group_state, groups_of
from openings.adapters.reach_rows import reach_of
from openings.adapters.reach_tables import PreviewRow
from openings.domain.errors import NoSuchThing
from openings.domain.preview import Preview, PreviewStatus

#: Previews deleted in one statement, so that no transaction grows long.
_FORGOTTEN_AT_ONCE = 2000


class PreviewRepository:
    """`scope` is the employer whose previews the caller may see; None means every employer."""

    def __init__(self, session: AsyncSession, scope: str | None) -> None:
        self._session = session
        self._scope = scope

    async def get(self, preview_id: str) -> Preview:
        """For reading. Raises NoSuchThing, also for another employer's."""
        row = await self._session.get(PreviewRow, preview_id, populate_existing=True)
        if row is None or self._scope not in (None, row.employer_id):
            raise NoSuchThing("preview")
        return _preview_of(row)

    async def asked_since(self, employer_id: str, since: datetime) -> Sequence[datetime]:
        """Without those that nobody has answered, which told nothing."""
        answerable = col(PreviewRow.status) != PreviewStatus.UNANSWERED.value
        recent = (col(PreviewRow.employer_id) == employer_id, col(PreviewRow.asked_at) > since, answerable)
        return (await self._session.exec(select(PreviewRow.asked_at).where(*recent))).all()

    async def add(self, preview: Preview) -> None:
        self._session.add(
            PreviewRow(
                preview_id=preview.preview_id,
                employer_id=preview.employer_id,
                region=preview.region,
                asked_at=preview.asked_at,
                groups=[group_state(group).model_dump(mode="json") for group in preview.groups],
                status=preview.status.value,
            )
        )
        await self._session.flush()

    async def answer(self, preview_id: str, counted: Mapping[str, Any]) -> None:
        """Write the counts, in the form that events carry."""
        await self._close(preview_id, PreviewStatus.ANSWERED, dict(counted))

    async def give_up(self, preview_id: str) -> None:
        """Nobody has answered in time."""
        await self._close(preview_id, PreviewStatus.UNANSWERED, None)

    async def forget(self, before: datetime) -> int:
        """Delete some of those that were asked before that time. Returns how many; 0 when none are left."""
        old = select(PreviewRow.preview_id).where(col(PreviewRow.asked_at) < before).limit(_FORGOTTEN_AT_ONCE)
        return int((await self._session.exec(delete(PreviewRow).where(col(PreviewRow.preview_id).in_(old)))).rowcount)

    async def _close(self, preview_id: str, status: PreviewStatus, counted: dict[str, Any] | None) -> None:
        pending = (col(PreviewRow.preview_id) == preview_id, col(PreviewRow.status) == PreviewStatus.PENDING.value)
        await self._session.exec(update(PreviewRow).where(*pending).values(status=status.value, reach=counted))


def _preview_of(row: PreviewRow) -> Preview:
    return Preview(
        preview_id=row.preview_id,
        employer_id=row.employer_id,
        region=row.region,
        asked_at=row.asked_at,
        groups=groups_of(RequirementGroupState.model_validate(group) for group in row.groups),
        status=PreviewStatus(row.status),
        reach=None if row.reach is None else reach_of(row.reach),
    )
