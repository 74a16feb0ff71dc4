"""The rows of a provider's files, read in pages."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.catalog_repository import training_weeks_of
from learners.adapters.introduction_repository import LearnerIntroductionFilter, list_introductions
from learners.adapters.learner_repository import LearnerFilter, LearnerWithPerson, list_learners
from learners.adapters.match_repository import list_live_matches
from learners.adapters.opening_copies import openings_of
from learners.adapters.pathway_repository import unlocked_in
from learners.adapters.pathway_tables import PathwayCredentialRow
from learners.adapters.signal_repository import SignalFilter, list_signals
from learners.domain.award_dates import why_not_in_force
from learners.domain.introduction import Introduction
from learners.domain.opening import PublicOpening, place_name
from learners.domain.pathway import (
    PathwayStep,
    RegionPathway,
    UnlockedPositions,
    best_steps,
    credentials_in,
    jobs_behind,
    openings_in,
)
from learners.domain.signal import ShortageSignal, SignalComponents, guarded
from makersync.clock import Clock
from makersync.http.exports import Row
from makersync.http.pagination import MOST_ITEMS, Page, PageRequest
from reference.places import load_places

Item = TypeVar("Item")


async def learner_rows(session: AsyncSession, provider_id: str, today: date) -> AsyncIterator[Row]:
    """The provider's learners with the persons, by id."""
    async for page in _pages(lambda page: list_learners(session, provider_id, LearnerFilter(), page)):
        for each in page:
            yield _learner_row(each, today)


async def match_rows(session: AsyncSession, provider_id: str) -> AsyncIterator[Row]:
    """The live matches of the provider's learners, by learner and opening."""
    async for page in _pages(lambda page: list_live_matches(session, provider_id, page)):
        openings = await openings_of(session, [match.opening_id for _, match in page])
        for learner_id, match in page:
            yield (learner_id, match.opening_id, match.score, *_job_cells(openings.get(match.opening_id)))


async def pathway_rows(session: AsyncSession, provider_id: str, clock: Clock) -> AsyncIterator[Row]:
    """What each of the provider's learners is one credential away from, by learner, the best first."""
    async for page in _pages(lambda page: list_learners(session, provider_id, LearnerFilter(), page)):
        ids = [each.learner.learner_id for each in page]
        found = await _steps(session, ids, clock)
        openings = await openings_of(session, openings_in(step for steps in found.values() for step in steps))
        for learner_id, steps in found.items():
            for step in steps:
                yield (learner_id, *_step_cells(step), *_behind_cells(jobs_behind(step.openings, openings) or ()))


async def introduction_rows(session: AsyncSession, provider_id: str) -> AsyncIterator[Row]:
    """The introductions of the provider's learners, in the order in which they were asked for."""
    async for page in _pages(lambda page: list_introductions(session, provider_id, LearnerIntroductionFilter(), page)):
        for introduction in page:
            yield _introduction_row(introduction)


async def signal_rows(session: AsyncSession) -> AsyncIterator[Row]:
    """The newest signal of each cell as providers are shown it, by region and subject."""
    async for page in _pages(lambda page: list_signals(session, SignalFilter(), page)):
        for signal in page:
            yield _signal_row(guarded(signal))


async def _pages(read: Callable[[PageRequest], Awaitable[Page[Item]]]) -> AsyncIterator[list[Item]]:
    request = PageRequest(MOST_ITEMS)
    while True:
        page = await read(request)
        yield page.items
        if page.next_cursor is None:
            return
        request = PageRequest(MOST_ITEMS, page.next_cursor)


async def _steps(session: AsyncSession, learner_ids: Iterable[str], clock: Clock) -> dict[str, tuple[PathwayStep, ...]]:
    mine = select(PathwayCredentialRow).where(col(PathwayCredentialRow.learner_id).in_(learner_ids))
    unlocked: dict[str, dict[str, dict[str, UnlockedPositions]]] = {}
    for row in await session.exec(mine.order_by(col(PathwayCredentialRow.learner_id))):
        unlocked.setdefault(row.learner_id, {}).setdefault(row.region, {})[row.credential] = unlocked_in(row)
    pathways = {
        learner_id: [RegionPathway(region, found, clock.now()) for region, found in regions.items()]
        for learner_id, regions in unlocked.items()
    }
    weeks = await training_weeks_of(session, credentials_in(one for regions in pathways.values() for one in regions))
    return {learner_id: best_steps(regions, weeks) for learner_id, regions in pathways.items()}


def _step_cells(step: PathwayStep) -> Row:
    return (step.credential, step.unlocked, step.training_weeks, ", ".join(sorted(step.regions)))


def _behind_cells(jobs: Sequence[PublicOpening]) -> Row:
    """The best of the jobs behind a credential, and the ids of the others."""
    best = jobs[0] if jobs else None
    more = ", ".join(each.opening_id for each in jobs[1:])
    return (None if best is None else best.opening_id, *_job_cells(best), more or None)


def _job_cells(opening: PublicOpening | None) -> Row:
    """Empty when nothing is known of the opening yet."""
    if opening is None:
        return (None,) * 7
    place = place_name(opening, load_places())
    pay_and_dates = opening.wage_min, opening.wage_max, opening.start_by, opening.closes_on
    return (opening.title, opening.employer_name, place, *pay_and_dates)


def _introduction_row(introduction: Introduction) -> Row:
    request, answer, standing = introduction.request, introduction.answer, introduction.standing
    job, place = request.job, place_name(request.job, load_places())
    ids = (introduction.introduction_id, introduction.learner_id, introduction.opening_id)
    offered = (job.title, job.employer_name, place, job.wage_min, job.wage_max, job.start_by)
    said = (standing.status.value, standing.side, standing.reason, request.asked_at, request.answer_by)
    answered = (None, None) if answer is None else (answer.answered_by, answer.answered_at)
    return (*ids, *offered, *said, *answered, request.hired_on, introduction.hire)


def _learner_row(each: LearnerWithPerson, today: date) -> Row:
    learner, person = each.learner, each.person
    search = learner.availability
    in_force = sorted({award.credential for award in learner.awards if why_not_in_force(award, today) is None})
    return (
        learner.learner_id,
        person.name,
        person.email,
        person.phone,
        learner.reach.zip,
        learner.home,
        learner.reach.reach_km,
        learner.reach.remote_ok,
        search.seeking,
        search.seeking_since,
        learner.consents,
        search.available_from,
        ", ".join(search.shifts),
        search.wage_floor,
        ", ".join(in_force),
    )


def _signal_row(signal: ShortageSignal) -> Row:
    said = (signal.region, signal.subject, signal.level, signal.level_ahead, signal.kind)
    return (*said, *_component_cells(signal.components), ", ".join(signal.top_credentials), signal.day, signal.at)


def _component_cells(components: SignalComponents | None) -> Row:
    """Empty under the evidence guard."""
    names = ("demand", "openings", "employers", "supply", "supply_home", "pipeline", "blocked", "tightness", "tightness_ahead")
    return tuple(None if components is None else getattr(components, name) for name in names)
