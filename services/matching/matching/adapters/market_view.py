"""The live state as stored, for operators: whole markets, single regions, single pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.fence import stored
from matching.adapters.documents import facts_of
from matching.adapters.repository import live_policy, load_catalog, subject_of
from matching.adapters.tables import CellRow, MatchRow, SubjectRow
from matching.domain.market.subjects import Market, MarketCohort, MarketLearner, MarketOpening
from matching.domain.rules.matches import RankedMatch
from matching.domain.rules.profile import Rules
from matching.domain.rules.shortlist import order_key
from reference.places import load_places

MARKET_CONSUMER = "matching.market"
NO_POLICY = 0
"""What a partition stands on whose subjects are stored and whose matches do not follow from all of them yet."""


@dataclass(frozen=True, slots=True)
class RegionCounts:
    """What is live in one region."""

    region: str
    openings: int
    learners: int
    matches: int
    cells: int


async def market_day(session: AsyncSession, clock: Clock) -> date:
    """The latest date that any partition's results stand on; today where nothing has been evaluated."""
    return max((row.day for row in await stored(session, MARKET_CONSUMER) if row.day), default=clock.today())


async def catching_up(session: AsyncSession) -> list[int]:
    """The partition numbers that have taken more than they have settled."""
    rows = await stored(session, MARKET_CONSUMER)
    return sorted(row.partition for row in rows if row.offsets and row.policy_version == NO_POLICY)


async def region_counts(session: AsyncSession, region: str | None = None) -> list[RegionCounts]:
    """Per region, by its id; of one region when given."""
    subjects = select(SubjectRow.region, SubjectRow.kind, func.count()).where(col(SubjectRow.ending).is_(None))
    matches = select(MatchRow.region, func.count()).where(col(MatchRow.live))
    cells = select(CellRow.region, func.count()).where(CellRow.level != "insufficient_data")
    if region is not None:
        subjects = subjects.where(SubjectRow.region == region)
        matches, cells = matches.where(MatchRow.region == region), cells.where(CellRow.region == region)
    found = {(r, kind): n for r, kind, n in await session.exec(subjects.group_by(SubjectRow.region, SubjectRow.kind))}
    live = dict((await session.exec(matches.group_by(MatchRow.region))).all())
    levels = dict((await session.exec(cells.group_by(CellRow.region))).all())
    return [
        RegionCounts(r, found.get((r, "opening"), 0), found.get((r, "learner"), 0), live.get(r, 0), levels.get(r, 0))
        for r in sorted({region for region, _ in found} | live.keys() | levels.keys())
    ]


async def live_rules(session: AsyncSession, clock: Clock) -> Rules:
    """What evaluations stand on now."""
    return Rules(await load_catalog(session), await live_policy(session), load_places(), await market_day(session, clock))


async def opening_of(session: AsyncSession, opening_id: str) -> MarketOpening | None:
    """The opening as this service knows it."""
    query = select(SubjectRow).where(SubjectRow.kind == "opening", SubjectRow.subject_id == opening_id)
    row = (await session.exec(query.where(col(SubjectRow.ending).is_(None)))).first()
    subject = subject_of(row) if row else None
    return subject if isinstance(subject, MarketOpening) else None


async def learner_of(session: AsyncSession, learner_id: str, region: str | None = None) -> MarketLearner | None:
    """The learner as known in a region, or the newest state known anywhere; None when withdrawn from it, or erased."""
    query = select(SubjectRow).where(SubjectRow.kind == "learner", SubjectRow.subject_id == learner_id)
    if region is not None:
        query = query.where(SubjectRow.region == region)
    query = query.where(col(SubjectRow.ending).is_(None)).order_by(col(SubjectRow.version).desc())
    row = (await session.exec(query)).first()
    subject = subject_of(row) if row else None
    return subject if isinstance(subject, MarketLearner) else None


async def live_market(session: AsyncSession, clock: Clock, region: str | None = None) -> Market:
    """Everything live, or one region with all who reach it. A learner known in several regions counts once, as newest."""
    rules = await live_rules(session, clock)
    query = select(SubjectRow).where(col(SubjectRow.ending).is_(None)).order_by(col(SubjectRow.version))
    if region is not None:
        query = query.where(SubjectRow.region == region)
    newest = {(row.kind, row.subject_id): row for row in (await session.exec(query)).all()}
    subjects = [subject_of(row) for row in newest.values()]
    return Market(
        day=rules.day,
        policy=rules.policy,
        catalog=rules.catalog,
        openings=tuple(each for each in subjects if isinstance(each, MarketOpening)),
        learners=tuple(each for each in subjects if isinstance(each, MarketLearner)),
        cohorts=tuple(each for each in subjects if isinstance(each, MarketCohort)),
    )


async def live_matches(session: AsyncSession, region: str | None = None) -> list[RankedMatch]:
    """The live matches with their ranks (MARKET.md section 9), by opening and learner id."""
    query = select(MatchRow).where(col(MatchRow.live))
    if region is not None:
        query = query.where(MatchRow.region == region)
    by_opening: dict[str, list[MatchRow]] = {}
    for row in (await session.exec(query)).all():
        by_opening.setdefault(row.opening_id, []).append(row)
    ranked = [match for rows in by_opening.values() for match in _ranked(rows)]
    return sorted(ranked, key=lambda match: (match.opening_id, match.learner_id))


async def shortlist_of(session: AsyncSession, opening_id: str) -> list[RankedMatch]:
    """The live matches of an opening, best first."""
    query = select(MatchRow).where(MatchRow.opening_id == opening_id, col(MatchRow.live))
    return _ranked((await session.exec(query)).all())


def _ranked(rows: Sequence[MatchRow]) -> list[RankedMatch]:
    facts = [(row, facts_of(row.document)) for row in rows]
    facts.sort(key=lambda each: order_key(each[1].score, each[1].seeking_since, each[0].learner_id))
    return [RankedMatch(row.opening_id, row.learner_id, rank, fact) for rank, (row, fact) in enumerate(facts, start=1)]
