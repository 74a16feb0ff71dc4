"""What is true for a provider, in the form of the feed's entries."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.feed_entries import (
    MATCH_PROPOSED,
    PATHWAYS_REFRESHED,
    SIGNAL_TYPES,
    introduction_data,
    introduction_type,
    match_data,
    named_in,
    pathway_data,
    signal_data,
    subject_of,
)
from learners.adapters.introduction_repository import OPEN, of_provider, with_answers
from learners.adapters.introduction_tables import IntroductionAnswerRow, IntroductionRow
from learners.adapters.learner_tables import LearnerRow
from learners.adapters.match_tables import LearnerMatchRow
from learners.adapters.opening_copies import openings_of
from learners.adapters.pathway_repository import PathwayUpdate, unlocked_of
from learners.adapters.pathway_tables import LearnerPathwayRow
from learners.adapters.provider_region_tables import ProviderRegionRow
from learners.adapters.signal_repository import signal_of
from learners.adapters.signal_tables import SignalRow
from learners.domain.introduction import Introduction
from learners.domain.opening import PublicOpening
from makersync.feed.views import SnapshotItem
from makersync.http.pagination import Order, Page, PageRequest, page_of

_BY_OPENING = Order((col(LearnerMatchRow.learner_id), col(LearnerMatchRow.opening_id)))
_BY_ID = Order((col(IntroductionRow.introduction_id),))
_BY_REGION = Order((col(LearnerPathwayRow.learner_id), col(LearnerPathwayRow.region)))
_BY_CELL = Order((col(SignalRow.region), col(SignalRow.subject)))


async def live_matches(session: AsyncSession, provider_id: str, page: PageRequest) -> Page[SnapshotItem]:
    """The matches of the provider's learners that have not ended. Raises MalformedRequest naming `cursor`."""
    own = col(LearnerMatchRow.learner_id).in_(_own_learners(provider_id))
    live = select(LearnerMatchRow).where(own, col(LearnerMatchRow.live))
    found: Page[Any] = await page_of(session, live, _BY_OPENING, page, lambda row: row)
    openings = await openings_of(session, [row.opening_id for row in found.items])
    return found.map(lambda row: _match(row, openings.get(row.opening_id)))


async def open_introductions(session: AsyncSession, provider_id: str, page: PageRequest) -> Page[SnapshotItem]:
    """The introductions of the provider's learners that wait for an answer, are accepted, or are a hire that nobody has
    confirmed or disputed. Raises MalformedRequest naming `cursor`."""
    decided = select(IntroductionAnswerRow.introduction_id).where(col(IntroductionAnswerRow.hire).is_not(None))
    waits = (col(IntroductionRow.status) == "hired") & col(IntroductionRow.introduction_id).not_in(decided)
    live = of_provider(select(IntroductionRow), provider_id).where(col(IntroductionRow.status).in_(OPEN) | waits)
    found: Page[Any] = await page_of(session, live, _BY_ID, page, lambda row: row)
    items = [_introduction(each) for each in await with_answers(session, found.items)]
    return Page[SnapshotItem](items=items, next_cursor=found.next_cursor)


async def live_pathways(session: AsyncSession, provider_id: str, page: PageRequest) -> Page[SnapshotItem]:
    """The pathways of the provider's learners that have not ended. Raises MalformedRequest naming `cursor`."""
    own = col(LearnerPathwayRow.learner_id).in_(_own_learners(provider_id))
    live = select(LearnerPathwayRow).where(own, col(LearnerPathwayRow.as_of).is_not(None))
    found: Page[Any] = await page_of(session, live, _BY_REGION, page, lambda row: row)
    return Page[SnapshotItem](items=await _pathways(session, found.items), next_cursor=found.next_cursor)


async def concerning_signals(session: AsyncSession, provider_id: str, page: PageRequest) -> Page[SnapshotItem]:
    """The newest signal of each cell of the provider's regions. Raises MalformedRequest naming `cursor`."""
    regions = select(ProviderRegionRow.region).where(col(ProviderRegionRow.provider_id) == provider_id)
    return await page_of(session, select(SignalRow).where(col(SignalRow.region).in_(regions)), _BY_CELL, page, _signal)


def _own_learners(provider_id: str) -> Any:
    return select(LearnerRow.learner_id).where(col(LearnerRow.provider_id) == provider_id)


def _match(row: LearnerMatchRow, opening: PublicOpening | None) -> SnapshotItem:
    data = match_data(row, opening)
    return SnapshotItem(type=MATCH_PROPOSED, subject=subject_of(row.learner_id, row.opening_id), data=data)


def _introduction(introduction: Introduction) -> SnapshotItem:
    return SnapshotItem(
        type=introduction_type(introduction.status.value),
        subject=subject_of(introduction.learner_id, introduction.introduction_id),
        data=introduction_data(introduction),
    )


async def _pathways(session: AsyncSession, rows: Sequence[LearnerPathwayRow]) -> list[SnapshotItem]:
    unlocked = await unlocked_of(session, [(row.learner_id, row.region) for row in rows])
    updates = [
        PathwayUpdate(row.learner_id, row.region, row.version, at, unlocked.get((row.learner_id, row.region), {}), at)
        for row in rows
        if (at := row.as_of) is not None
    ]
    openings = await openings_of(session, named_in(updates))
    return [
        SnapshotItem(type=PATHWAYS_REFRESHED, subject=subject_of(*each.key), data=pathway_data(each, openings))
        for each in updates
    ]


def _signal(row: SignalRow) -> SnapshotItem:
    data = signal_data(signal_of(row))
    return SnapshotItem(type=SIGNAL_TYPES[row.kind], subject=subject_of(row.region, row.subject), data=data)
