"""What this service stores, in the terms of the events, to be compared with the log. It has no personal data."""

from collections.abc import AsyncIterator, Mapping

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import (
    CANDIDATE_MATCH,
    CATALOG,
    COHORT,
    INTRODUCTION_ANSWER,
    INTRODUCTION_REQUEST,
    LEARNER,
    OPENING,
    PATHWAY,
    PROVIDER,
    PROVIDER_PARTITION_KEY,
    SKILL_SHORTAGE,
)
from learners.adapters.award_repository import awards_of
from learners.adapters.catalog_events import credential_state
from learners.adapters.catalog_repository import credential_of
from learners.adapters.catalog_tables import CompetencyRow, CredentialRow
from learners.adapters.cohort_events import cohort_state
from learners.adapters.cohort_repository import cohort_of
from learners.adapters.cohort_tables import CohortRow
from learners.adapters.introduction_events import answer_state
from learners.adapters.introduction_tables import IntroductionAnswerRow, IntroductionRow
from learners.adapters.learner_events import learner_state
from learners.adapters.learner_repository import learner_of
from learners.adapters.learner_tables import ErasedLearnerRow, LearnerRow
from learners.adapters.match_tables import LearnerMatchRow
from learners.adapters.opening_tables import OpeningCopyRow
from learners.adapters.pathway_repository import unlocked_of
from learners.adapters.pathway_tables import LearnerPathwayRow
from learners.adapters.provider_tables import ProviderRow
from learners.adapters.signal_tables import SignalRow
from learners.adapters.stored_versions import AT_ONCE, Key
from learners.domain.pathway import UnlockedPositions
from makersync.effects.audit_report import AuditView, StatedVersion

PAGE = 500
MEASURES = (
    *("level", "level_ahead", "demand", "openings", "employers", "supply", "supply_home", "pipeline", "blocked", "tightness"),
    *("employer_share", "tightness_ahead"),
)


async def learners(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    after = ""
    while rows := await _page(session, after):
        awards = await awards_of(session, [row.learner_id for row in rows])
        for row in rows:
            learner = learner_of(row, awards.get(row.learner_id, ()))
            for region in learner.regions:
                state = learner_state(learner, region).model_dump(mode="json", exclude_none=True)
                yield StatedVersion(LEARNER.name, f"{region}/{learner.learner_id}", learner.version, state)
        after = rows[-1].learner_id
    for erased in (await session.exec(select(ErasedLearnerRow))).all():
        for region in erased.regions:
            yield StatedVersion(LEARNER.name, f"{region}/{erased.learner_id}", erased.version, None)


async def _page(session: AsyncSession, after: str) -> list[LearnerRow]:
    query = select(LearnerRow).where(col(LearnerRow.learner_id) > after).order_by(col(LearnerRow.learner_id)).limit(PAGE)
    return list((await session.exec(query)).all())


async def cohorts(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    for row in (await session.exec(select(CohortRow))).all():
        state = None if row.cancelled else cohort_state(cohort_of(row)).model_dump(mode="json", exclude_none=True)
        yield StatedVersion(COHORT.name, f"{row.region}/{row.cohort_id}", row.version, state)


async def catalog(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    for competency in (await session.exec(select(CompetencyRow))).all():
        state = {"id": competency.id, "name": competency.name}
        yield StatedVersion(CATALOG.name, f"catalog/competency/{competency.id}", competency.version, state)
    for row in (await session.exec(select(CredentialRow))).all():
        credential = credential_of(row)
        state = credential_state(credential.definition).model_dump(mode="json", exclude_none=True)
        yield StatedVersion(CATALOG.name, f"catalog/credential/{row.id}", credential.version, state)


async def providers(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    """Those whose names were published."""
    for row in (await session.exec(select(ProviderRow).where(col(ProviderRow.announced) > 0))).all():
        state = {"provider_id": row.provider_id, "name": row.name}
        yield StatedVersion(PROVIDER.name, f"{PROVIDER_PARTITION_KEY}/{row.provider_id}", row.announced, state)


async def signals(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    for row in (await session.exec(select(SignalRow))).all():
        state = {name: getattr(row, name) for name in MEASURES} | {"top_credentials": row.top_credentials}
        yield StatedVersion(SKILL_SHORTAGE.name, f"{row.region}/{row.subject}", row.version, state)


async def matches(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    after = ("", "")
    while rows := await _match_page(session, after):
        for row in rows:
            yield _stated_match(row)
        after = rows[-1].learner_id, rows[-1].opening_id


async def _match_page(session: AsyncSession, after: Key) -> list[LearnerMatchRow]:
    key = col(LearnerMatchRow.learner_id), col(LearnerMatchRow.opening_id)
    query = select(LearnerMatchRow).where(tuple_(*key) > after).order_by(*key).limit(PAGE)
    return list((await session.exec(query)).all())


def _stated_match(row: LearnerMatchRow) -> StatedVersion:
    state = {"learner_id": row.learner_id, "score": row.score} if row.live else None
    return StatedVersion(CANDIDATE_MATCH.name, f"{row.region}/{row.opening_id}/{row.learner_id}", row.version, state)


async def pathways(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    after = ("", "")
    while rows := await _pathway_page(session, after):
        unlocked = await unlocked_of(session, [(row.learner_id, row.region) for row in rows])
        for row in rows:
            yield _stated_pathway(row, unlocked.get((row.learner_id, row.region), {}))
        after = rows[-1].learner_id, rows[-1].region


async def _pathway_page(session: AsyncSession, after: Key) -> list[LearnerPathwayRow]:
    key = col(LearnerPathwayRow.learner_id), col(LearnerPathwayRow.region)
    query = select(LearnerPathwayRow).where(tuple_(*key) > after).order_by(*key).limit(AT_ONCE)
    return list((await session.exec(query)).all())


def _stated_pathway(row: LearnerPathwayRow, unlocked: Mapping[str, UnlockedPositions]) -> StatedVersion:
    listed = [
        {"credential": credential, "unlocked": each.positions, "openings": each.openings}
        for credential, each in sorted(unlocked.items())
    ]
    state = None if row.as_of is None else {"credentials": listed}
    return StatedVersion(PATHWAY.name, f"{row.region}/{row.learner_id}", row.version, state)


async def opening_copies(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    after = ""
    while rows := await _opening_page(session, after):
        for row in rows:
            state = row.model_dump(mode="json", exclude={"version"})
            yield StatedVersion(OPENING.name, f"{row.region}/{row.opening_id}", row.version, state)
        after = rows[-1].opening_id


async def _opening_page(session: AsyncSession, after: str) -> list[OpeningCopyRow]:
    key = col(OpeningCopyRow.opening_id)
    return list((await session.exec(select(OpeningCopyRow).where(key > after).order_by(key).limit(PAGE))).all())


async def answers(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    for row in (await session.exec(select(IntroductionAnswerRow))).all():
        state = answer_state(row.model_dump()).model_dump(mode="json", exclude_none=True)
        yield StatedVersion(INTRODUCTION_ANSWER.name, f"{row.region}/{row.introduction_id}", row.version, state)


async def requests(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    """Without what the employer wrote, which is forgotten here before it is on the topic."""
    for row in (await session.exec(select(IntroductionRow))).all():
        state = {"learner_id": row.learner_id, "opening_id": row.opening_id, "status": row.request_status}
        yield StatedVersion(INTRODUCTION_REQUEST.name, f"{row.region}/{row.introduction_id}", row.version, state)


VIEWS = (
    AuditView("learners: its learners", (LEARNER.name,), learners),
    AuditView("learners: its cohorts", (COHORT.name,), cohorts),
    AuditView("learners: its catalog", (CATALOG.name,), catalog),
    AuditView("learners: its answers to introductions", (INTRODUCTION_ANSWER.name,), answers),
    AuditView("learners: introductions asked for", (INTRODUCTION_REQUEST.name,), requests),
    AuditView("learners: its providers", (PROVIDER.name,), providers),
    AuditView("learners: signals shown", (SKILL_SHORTAGE.name,), signals),
    AuditView("learners: matches counted", (CANDIDATE_MATCH.name,), matches),
    AuditView("learners: pathways shown", (PATHWAY.name,), pathways),
    AuditView("learners: its copy of the openings", (OPENING.name,), opening_copies),
)
