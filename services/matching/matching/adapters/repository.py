"""What the matching service stores, by partition number: subjects, pairs, cells, catalog and policy."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.effects.reading import Reading, Received
from makersync.store.database import upsert
from matching.adapters.documents import signal_document
from matching.adapters.readers import (
    CohortEndRead,
    CohortRead,
    CompetencyEntryRead,
    CredentialEntryRead,
    LearnerEndRead,
    LearnerRead,
    OpeningRead,
)
from matching.adapters.tables import CatalogRow, CellRow, MatchRow, PolicyRow, SubjectRow
from matching.application.partition_market import BatchOutcome, TakenSubject, ToldMatch
from matching.domain.cells.cell import CellRecord
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketCohort, MarketLearner, MarketOpening
from matching.domain.region.state import Ending


def subject_of(row: SubjectRow) -> MarketOpening | MarketLearner | MarketCohort:
    """The domain object of a row that has not ended."""
    if row.kind == "learner":
        return msgspec.convert(row.document, LearnerRead).to_domain(row.version)
    if row.kind == "opening":
        return msgspec.convert(row.document, OpeningRead).to_domain(row.version)
    return CohortRead.model_validate(row.document).to_domain(row.version)


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


async def save_outcome(session: AsyncSession, partition: int, outcome: BatchOutcome, documents: Sequence[Raw]) -> None:
    """Write what a batch changed. `documents` are those of `outcome.matches`, one each."""
    subjects = [subject_row(partition, taken) for taken in outcome.taken]
    await upsert(session, SubjectRow, subjects, ["kind", "region", "subject_id"], newer_by="version")
    matches = [_match_row(partition, told, document) for told, document in zip(outcome.matches, documents, strict=True)]
    await upsert(session, MatchRow, matches, ["opening_id", "learner_id"], newer_by="version")
    await upsert(session, CellRow, [_cell_row(partition, record) for record in outcome.cells], ["region", "subject"])


def subject_row(partition: int, taken: TakenSubject) -> dict[str, Any]:
    """The row of a subject's newest state; one that has ended keeps its version and no document."""
    lives = taken.subject is not None
    return {
        "kind": taken.kind,
        "region": taken.region,
        "subject_id": taken.subject_id,
        "partition": partition,
        "version": taken.version,
        "ending": None if lives else taken.ending.value,
        "document": taken.cause.data if lives else None,
    }


def _match_row(partition: int, told: ToldMatch, document: Raw) -> dict[str, Any]:
    record = told.change.record
    return {
        "opening_id": record.opening_id,
        "learner_id": record.learner_id,
        "region": told.region,
        "partition": partition,
        "version": record.version,
        "live": record.live,
        "ended_on": None if record.live else told.change.day,
        "employer_id": told.parties.employer_id,
        "provider_id": told.parties.provider_id,
        "document": document,
    }


def _cell_row(partition: int, record: CellRecord) -> dict[str, Any]:
    return {
        "region": record.region,
        "subject": record.subject,
        "partition": partition,
        "level": record.level.word,
        "previous_level": record.previous_level.word if record.previous_level is not None else None,
        "version": record.signal.version if record.signal else 0,
        "signal": signal_document(record.signal) if record.signal else None,
    }


async def load_catalog(session: AsyncSession) -> MarketCatalog:
    """Every definition that has arrived."""
    rows = (await session.exec(select(CatalogRow).order_by(col(CatalogRow.subject)))).all()
    competencies = [CompetencyEntryRead.model_validate(r.document) for r in rows if r.subject.startswith("competency/")]
    credentials = [CredentialEntryRead.model_validate(r.document) for r in rows if r.subject.startswith("credential/")]
    return MarketCatalog.of((each.to_domain() for each in competencies), (each.to_domain() for each in credentials))


async def live_policy(session: AsyncSession) -> Policy:
    """The policy with the highest version; the default one where none was ever stored."""
    version = (await session.exec(select(func.max(PolicyRow.version)))).one()
    if version is None:
        return Policy()
    row = (await session.exec(select(PolicyRow).where(PolicyRow.version == version))).one()
    return Policy.from_dict(row.document)
