"""What is true for an employer, in the form of the feed's entries."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.feed.views import SnapshotItem
from makersync.http.pagination import Order, Page, PageRequest, page_of
from openings.adapters.audit_views import stated_match
from openings.adapters.consuming.match_entries import ENTRY_TYPES, subject_of
from openings.adapters.consuming.match_reading import PROPOSED
from openings.adapters.introduction_entries import entry_data
from openings.adapters.introduction_repository import IntroductionRequestRepository
from openings.adapters.opening_tables import OpeningRow
from openings.adapters.shortlist_tables import ShortlistRow
from openings.domain.introduction import IntroductionRequest

_BY_PAIR = Order((col(ShortlistRow.opening_id), col(ShortlistRow.learner_id)))


async def live_matches(session: AsyncSession, employer_id: str, page: PageRequest) -> Page[SnapshotItem]:
    """The matches of the employer's openings that have not ended. Raises MalformedRequest naming `cursor`."""
    own = select(OpeningRow.opening_id).where(col(OpeningRow.employer_id) == employer_id)
    live = select(ShortlistRow).where(col(ShortlistRow.live), col(ShortlistRow.opening_id).in_(own))
    return await page_of(session, live, _BY_PAIR, page, _item)


async def open_introductions(session: AsyncSession, employer_id: str, page: PageRequest) -> Page[SnapshotItem]:
    """The employer's introductions that have not ended. Raises MalformedRequest naming `cursor`."""
    return (await IntroductionRequestRepository(session, employer_id).open_ones(page)).map(_introduction)


def _introduction(introduction: IntroductionRequest) -> SnapshotItem:
    entry_type = f"introduction.{introduction.standing.status}"
    return SnapshotItem(type=entry_type, subject=introduction.introduction_id, data=entry_data(introduction))


def _item(row: ShortlistRow) -> SnapshotItem:
    said = {**stated_match(row), "groups": list(map(_known, row.outcomes or ())), "version": row.version}
    return SnapshotItem(type=ENTRY_TYPES[PROPOSED], subject=subject_of(row.opening_id, row.learner_id), data=_known(said))


def _known(said: Mapping[str, Any]) -> dict[str, Any]:
    """Without nulls, as events are written."""
    return {name: value for name, value in said.items() if value is not None}
