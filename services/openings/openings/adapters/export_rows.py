"""The rows of an employer's files, read in batches of openings, or in pages."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.exports import Row
from makersync.http.pagination import MOST_ITEMS, PageRequest
from openings.adapters.introduction_repository import IntroductionFilter, IntroductionRequestRepository
from openings.adapters.opening_tables import OpeningRow
from openings.adapters.provider_copies import provider_names
from openings.adapters.shortlist_repository import ShortlistRepository
from openings.adapters.shortlist_tables import ShortlistRow
from openings.domain.introduction import IntroductionRequest
from openings.domain.shortlist import Candidate, ranked
from openings.domain.shortlist_reasons import in_words

#: Openings whose shortlists are in memory at a time.
_OPENINGS_AT_ONCE = 50


async def shortlist_rows(session: AsyncSession, employer_id: str) -> AsyncIterator[Row]:
    """Every candidate of the employer's openings, by opening and rank."""
    async for openings in _batches(session, employer_id):
        for opening in openings:
            async for row in rows_of_one(session, opening.opening_id, opening.title):
                yield row


async def rows_of_one(session: AsyncSession, opening_id: str, title: str) -> AsyncIterator[Row]:
    """Every candidate of an opening that the caller may see, by rank."""
    candidates = ranked(await ShortlistRepository(session).candidates(opening_id))
    names = await provider_names(session, [each.provider_id for each in candidates])
    for rank, candidate in enumerate(candidates, start=1):
        yield _shortlist_row((opening_id, title), rank, candidate, names)


async def withdrawal_rows(session: AsyncSession, employer_id: str, since: datetime) -> AsyncIterator[Row]:
    """Every match of the employer's openings that ended since, by opening, the latest first."""
    async for openings in _batches(session, employer_id):
        titles = {opening.opening_id: opening.title for opening in openings}
        ended = (~col(ShortlistRow.live), col(ShortlistRow.changed_at) >= since, col(ShortlistRow.opening_id).in_(titles))
        order = (col(ShortlistRow.opening_id), col(ShortlistRow.changed_at).desc(), col(ShortlistRow.learner_id))
        rows = (await session.exec(select(ShortlistRow).where(*ended).order_by(*order))).all()
        names = await provider_names(session, [row.provider_id for row in rows])
        for row in rows:
            ids = (row.opening_id, titles[row.opening_id], row.learner_id, row.provider_id)
            why = in_words(row.reason or "", row.gate), ", ".join(row.unmet or ())
            yield (*ids, names.get(row.provider_id or ""), row.score, row.reason, *why, row.day, row.changed_at)


async def introduction_rows(session: AsyncSession, employer_id: str) -> AsyncIterator[Row]:
    """Every introduction of the employer, the newest first. What was written to learners is left out: somebody may have put a
    name into it."""
    introductions, request = IntroductionRequestRepository(session, employer_id), PageRequest(MOST_ITEMS)
    while True:
        page = await introductions.listed(IntroductionFilter(), request)
        names = await provider_names(session, [each.provider_id for each in page.items])
        for each in page.items:
            yield _introduction_row(each, names.get(each.provider_id))
        if page.next_cursor is None:
            return
        request = PageRequest(MOST_ITEMS, page.next_cursor)


async def _batches(session: AsyncSession, employer_id: str) -> AsyncIterator[Sequence[OpeningRow]]:
    last = ""
    while True:
        mine = select(OpeningRow).where(col(OpeningRow.employer_id) == employer_id, col(OpeningRow.opening_id) > last)
        rows = (await session.exec(mine.order_by(col(OpeningRow.opening_id)).limit(_OPENINGS_AT_ONCE))).all()
        if not rows:
            return
        yield rows
        last = rows[-1].opening_id


def _shortlist_row(opening: tuple[str, str], rank: int, candidate: Candidate, names: Mapping[str, str]) -> Row:
    parts = candidate.components
    met = ", ".join(outcome.id for outcome in candidate.outcomes if outcome.met)
    unmet = ", ".join(outcome.id for outcome in candidate.outcomes if not outcome.met)
    whose = (candidate.learner_id, candidate.provider_id, names.get(candidate.provider_id))
    ids = (*opening, rank, *whose)
    scores = (candidate.score, parts.preferred, parts.trainable, parts.evidence)
    held = ", ".join(sorted({each.credential for each in candidate.held or ()}))
    unknown = ", ".join(candidate.unknown)
    return (*ids, *scores, met, unmet, held, unknown, candidate.seeking_since, candidate.changed_at)


def _introduction_row(introduction: IntroductionRequest, provider: str | None) -> Row:
    standing, answer, access = introduction.standing, introduction.answer, introduction.access
    ids = (introduction.introduction_id, introduction.opening_id, introduction.job.title, introduction.learner_id)
    answered_at = None if answer is None else answer.answered_at
    whose = (introduction.provider_id, provider or (None if answer is None else answer.provider_name))
    said = (standing.status.value, standing.side, standing.reason)
    asked = (introduction.asked_at, introduction.answer_by, answered_at, None if access is None else access.expires_at)
    hire = answer.hire if answer is not None and introduction.hired_on is not None else None
    changed_at = max(introduction.changed_at, answered_at or introduction.changed_at)
    return (*ids, *whose, *said, *asked, introduction.hired_on, hire, changed_at)
