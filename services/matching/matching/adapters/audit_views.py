"""What this service holds, in the words of the events, to compare with the log; and whether its matches follow the rules."""

from collections.abc import AsyncIterator, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import CANDIDATE_MATCH, CATALOG, COHORT, DRAFT, LEARNER, OPENING, PATHWAY, REACH, SKILL_SHORTAGE
from makersync.clock import Clock
from makersync.effects.audit_report import AuditView, Disagreement, StatedVersion
from makersync.store.database import Store
from makersync.store.paging import paged
from matching.adapters.catalog_tables import CatalogRow
from matching.adapters.cell_tables import CellRow
from matching.adapters.draft_tables import AskedDraftRow
from matching.adapters.market_file.closing import closed
from matching.adapters.market_file.files import Difference, compare
from matching.adapters.match_repository import live_matches
from matching.adapters.match_tables import MatchRow
from matching.adapters.partition_standing import catching_up
from matching.adapters.pathway_tables import PathwayRow
from matching.adapters.reach_tables import PublishedCountsRow
from matching.adapters.subject_repository import live_market
from matching.adapters.subject_tables import SubjectRow
from matching.domain.evaluation.by_engine import evaluate_by_regions
from reference.places import load_places

TOPIC_OF = {"opening": OPENING.name, "learner": LEARNER.name, "cohort": COHORT.name}
LAW = "matching: matches by the rules"
PAGE = 1000


async def subjects(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    for kind, topic in TOPIC_OF.items():
        after = ""
        while rows := await _page(session, kind, after):
            for row in rows:
                yield StatedVersion(topic, f"{row.region}/{row.subject_id}", row.version, None if row.ending else row.document)
            after = rows[-1].subject_id


async def _page(session: AsyncSession, kind: str, after: str) -> list[SubjectRow]:
    """All rows of each subject on the page: a learner has one row for each region."""
    ids = select(SubjectRow.subject_id).where(SubjectRow.kind == kind, col(SubjectRow.subject_id) > after).distinct()
    some = ids.order_by(col(SubjectRow.subject_id)).limit(PAGE)
    query = select(SubjectRow).where(SubjectRow.kind == kind, col(SubjectRow.subject_id).in_(some))
    return list((await session.exec(query.order_by(col(SubjectRow.subject_id)))).all())


async def catalog_copy(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, CatalogRow):
        yield StatedVersion(CATALOG.name, f"catalog/{row.subject}", row.version, row.document)


async def matches(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, MatchRow):
        key = f"{row.region}/{row.opening_id}/{row.learner_id}"
        yield StatedVersion(CANDIDATE_MATCH.name, key, row.version, row.document if row.live else None)


async def signals(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    """A cell that never had a level has published nothing."""
    async for row in paged(session, CellRow):
        if row.signal is not None:
            levels = {name: row.signal.get(name) for name in ("level", "level_ahead")}
            state = levels | row.signal["measure"]
            yield StatedVersion(SKILL_SHORTAGE.name, f"{row.region}/{row.subject}", row.version, state)


async def pathways(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, PathwayRow):
        state = None if row.digest is None else {"learner_id": row.learner_id}
        yield StatedVersion(PATHWAY.name, f"{row.region}/{row.learner_id}", row.version, state)


async def drafts(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, AskedDraftRow):
        yield StatedVersion(DRAFT.name, f"{row.region}/{row.draft_id}", row.version, row.document)


async def reach(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, PublishedCountsRow):
        state = {"employer_id": row.employer_id, "subject_version": row.subject_version}
        yield StatedVersion(REACH.name, f"{row.region}/{row.subject_id}", row.version, None if row.digest is None else state)


async def broken_law(store: Store, clock: Clock) -> Sequence[Disagreement]:
    """Where the stored matches are not what the rules make of the stored subjects (MARKET.md section 10)."""
    async with store.snapshot() as session:
        behind = await catching_up(session)
        market, live = await live_market(session, clock), await live_matches(session)
    if behind:
        numbers = ", ".join(map(str, behind))
        return [Disagreement(LAW, "not settled", f"partitions {numbers}", "taken, and not yet evaluated")]
    evaluated = evaluate_by_regions(closed(market), load_places(), lambda _done, _total: None).matches
    return [_broken(each) for each in compare(live, evaluated)]


def _broken(found: Difference) -> Disagreement:
    pair = f"{found.opening_id}/{found.learner_id}"
    return Disagreement(LAW, found.aspect, pair, f"{found.live!r} live, {found.evaluated!r} by the rules")


VIEWS = (
    AuditView("matching: its openings, learners and cohorts", tuple(TOPIC_OF.values()), subjects),
    AuditView("matching: its copy of the catalog", (CATALOG.name,), catalog_copy),
    AuditView("matching: its matches", (CANDIDATE_MATCH.name,), matches),
    AuditView("matching: its signals", (SKILL_SHORTAGE.name,), signals),
    AuditView("matching: its pathways", (PATHWAY.name,), pathways),
    AuditView("matching: its copy of drafts", (DRAFT.name,), drafts),
    AuditView("matching: its reach", (REACH.name,), reach),
)
