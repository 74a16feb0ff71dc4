"""Openings, learners and cohorts as they are stored."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.reading import Reading, Received
from makersync.store.upserts import upsert
from matching.adapters.cohort_events import CohortEndRead, CohortRead
from matching.adapters.learner_events import LearnerEndRead, LearnerRead
from matching.adapters.opening_events import OpeningRead
from matching.adapters.policy_repository import live_rules
from matching.adapters.subject_tables import SubjectRow
from matching.application.settling import TakenSubject
from matching.domain.market.subjects import Market, MarketCohort, MarketLearner, MarketOpening
from matching.domain.region.state import Ending


def subject_of(row: SubjectRow) -> MarketOpening | MarketLearner | MarketCohort:
    """The domain object of a row that has not ended."""
    if row.kind == "learner":
        return msgspec.convert(row.document, LearnerRead).to_domain(row.version)
    if row.kind == "opening":
        return msgspec.convert(row.document, OpeningRead).to_domain(row.version)
    return msgspec.convert(row.document, CohortRead).to_domain(row.version)


def taken_of(received: Received[Reading]) -> TakenSubject:
    """What a market event says of its subject."""
    event, data, version = received.event, received.data, received.event.version
    if isinstance(data, LearnerRead):
        return TakenSubject("learner", data.region, data.learner_id, version, event, data.to_domain(version))
    if isinstance(data, OpeningRead):
        return TakenSubject("opening", data.region, data.opening_id, version, event, data.to_domain(version))
    if isinstance(data, CohortRead):
        return TakenSubject("cohort", data.region, data.cohort_id, version, event, data.to_domain(version))
    if isinstance(data, LearnerEndRead):
        ending = Ending.ERASED if received.kind == "LearnerErased" else Ending.WITHDRAWN
        return TakenSubject("learner", data.region, data.learner_id, version, event, ending=ending)
    assert isinstance(data, CohortEndRead)
    return TakenSubject("cohort", data.region, data.cohort_id, version, event)


async def save_subjects(session: AsyncSession, partition: int, taken: Sequence[TakenSubject], at: datetime) -> None:
    """Write the newest states of subjects, which are applied at this moment."""
    rows = [subject_row(partition, each, at) for each in taken]
    await upsert(session, SubjectRow, rows, ["kind", "region", "subject_id"], newer_by="version")


def subject_row(partition: int, taken: TakenSubject, at: datetime | None = None) -> dict[str, Any]:
    """The row of a subject's newest state; one that has ended keeps its version and no document. `at` is when a market applied
    it, None when none did."""
    lives = taken.subject is not None
    return {
        "kind": taken.kind,
        "region": taken.region,
        "subject_id": taken.subject_id,
        "partition": partition,
        "version": taken.version,
        "ending": None if lives else taken.ending.value,
        "document": taken.cause.data if lives else None,
        "event_id": taken.cause.id,
        "happened_at": taken.cause.time,
        "applied_at": at,
    }


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
