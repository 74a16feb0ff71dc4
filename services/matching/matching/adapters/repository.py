"""What the matching service stores, by partition number: subjects, pairs, cells, catalog and policy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.effects.reading import ReaderModel, Received
from makersync.store.database import upsert
from matching.adapters.documents import cell_record, match_ended, match_record, match_state, signal_document
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
from matching.application.partition_market import Outcome, Parties, Taken, ToldMatch
from matching.domain.catalog import Catalog
from matching.domain.market import Cohort, Learner, Opening
from matching.domain.policy import Policy
from matching.domain.records import CellRecord, Ended, Ending, RegionState

_READS: dict[str, type[OpeningRead | LearnerRead | CohortRead]] = {
    "opening": OpeningRead,
    "learner": LearnerRead,
    "cohort": CohortRead,
}


@dataclass(frozen=True, slots=True)
class StoredPartition:
    """What a partition's markets are rebuilt from. `parties` by (opening id, learner id)."""

    states: tuple[RegionState, ...]
    parties: dict[tuple[str, str], Parties]


async def load_partition(session: AsyncSession, partition: int, day: date) -> StoredPartition:
    """Everything stored of a partition number's regions, as it stood on `day`."""
    subjects = (await session.exec(select(SubjectRow).where(SubjectRow.partition == partition))).all()
    matches = (await session.exec(select(MatchRow).where(MatchRow.partition == partition))).all()
    cells = (await session.exec(select(CellRow).where(CellRow.partition == partition))).all()
    regions = sorted({r.region for r in subjects} | {r.region for r in matches} | {r.region for r in cells})
    states = [
        region_state(
            region,
            day,
            [row for row in subjects if row.region == region],
            [row for row in matches if row.region == region],
            [row for row in cells if row.region == region],
        )
        for region in regions
    ]
    parties = {(row.opening_id, row.learner_id): Parties(row.employer_id, row.provider_id) for row in matches}
    return StoredPartition(tuple(states), parties)


def region_state(
    region: str, day: date, subjects: Sequence[SubjectRow], matches: Sequence[MatchRow], cells: Sequence[CellRow]
) -> RegionState:
    """The state of one region from its rows."""
    living: dict[str, list[Any]] = {"opening": [], "learner": [], "cohort": []}
    ended: dict[str, list[Ended]] = {"opening": [], "learner": [], "cohort": []}
    for row in subjects:
        if row.ending is not None:
            ended[row.kind].append(Ended(row.subject_id, row.version, Ending(row.ending)))
        else:
            living[row.kind].append(subject_of(row))
    return RegionState(
        region=region,
        day=day,
        openings=tuple(living["opening"]),
        ended_openings=tuple(ended["opening"]),
        learners=tuple(living["learner"]),
        ended_learners=tuple(ended["learner"]),
        cohorts=tuple(living["cohort"]),
        ended_cohorts=tuple(ended["cohort"]),
        matches=tuple(match_record(r.opening_id, r.learner_id, r.version, r.live, r.document) for r in matches),
        cells=tuple(cell_record(r.region, r.subject, r.level, r.previous_level, r.signal) for r in cells),
    )


def subject_of(row: SubjectRow) -> Opening | Learner | Cohort:
    """The domain object of a row that has not ended."""
    return _READS[row.kind].model_validate(row.document).to_domain(row.version)


def taken_of(received: Received[ReaderModel]) -> Taken:
    """What a market event says of its subject."""
    event, data = received.event, received.data
    if isinstance(data, OpeningRead):
        subject = data.to_domain(event.version)
        return Taken("opening", data.region, data.opening_id, event.version, event, subject)
    if isinstance(data, LearnerRead):
        return Taken("learner", data.region, data.learner_id, event.version, event, data.to_domain(event.version))
    if isinstance(data, CohortRead):
        return Taken("cohort", data.region, data.cohort_id, event.version, event, data.to_domain(event.version))
    if isinstance(data, LearnerEndRead):
        ending = Ending.ERASED if received.kind == "LearnerErased" else Ending.WITHDRAWN
        return Taken("learner", data.region, data.learner_id, event.version, event, ending=ending)
    assert isinstance(data, CohortEndRead)
    return Taken("cohort", data.region, data.cohort_id, event.version, event)


async def save_outcome(session: AsyncSession, partition: int, outcome: Outcome, documents: dict[str, dict[str, Any]]) -> None:
    """Write what a batch changed. `documents` holds the state of each taken subject by `<region>/<kind>/<id>`."""
    await upsert(
        session,
        SubjectRow,
        [subject_row(partition, taken, documents.get(document_key(taken))) for taken in newest(outcome.taken)],
        ["kind", "region", "subject_id"],
        newer_by="version",
    )
    await upsert(
        session,
        MatchRow,
        [_match_row(partition, told) for told in newest_matches(outcome.matches)],
        ["opening_id", "learner_id"],
        newer_by="version",
    )
    cells = {(record.region, record.subject): record for record in outcome.cells}
    await upsert(session, CellRow, [_cell_row(partition, record) for record in cells.values()], ["region", "subject"])


def document_key(taken: Taken) -> str:
    return f"{taken.region}/{taken.kind}/{taken.subject_id}"


def newest(taken: Iterable[Taken]) -> list[Taken]:
    return list({(each.kind, each.region, each.subject_id): each for each in taken}.values())


def newest_matches(told: Iterable[ToldMatch]) -> list[ToldMatch]:
    return list({(each.change.record.opening_id, each.change.record.learner_id): each for each in told}.values())


def subject_row(partition: int, taken: Taken, document: dict[str, Any] | None) -> dict[str, Any]:
    """The row of a subject's newest state; one that has ended keeps its version and no document."""
    lives = taken.subject is not None
    return {
        "kind": taken.kind,
        "region": taken.region,
        "subject_id": taken.subject_id,
        "partition": partition,
        "version": taken.version,
        "ending": None if lives else taken.ending.value,
        "document": document if lives else None,
    }


def _match_row(partition: int, told: ToldMatch) -> dict[str, Any]:
    record = told.change.record
    state = match_state(told) if record.live else match_ended(told)
    return {
        "opening_id": record.opening_id,
        "learner_id": record.learner_id,
        "region": told.region,
        "partition": partition,
        "version": record.version,
        "live": record.live,
        "employer_id": told.parties.employer_id,
        "provider_id": told.parties.provider_id,
        "document": state.model_dump(mode="json", exclude_none=True),
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


async def load_catalog(session: AsyncSession) -> Catalog:
    """Every definition that has arrived."""
    rows = (await session.exec(select(CatalogRow).order_by(col(CatalogRow.subject)))).all()
    competencies = [CompetencyEntryRead.model_validate(r.document) for r in rows if r.subject.startswith("competency/")]
    credentials = [CredentialEntryRead.model_validate(r.document) for r in rows if r.subject.startswith("credential/")]
    return Catalog.of((each.to_domain() for each in competencies), (each.to_domain() for each in credentials))


async def live_policy(session: AsyncSession) -> Policy:
    """The policy with the highest version; the default one where none was ever stored."""
    version = (await session.exec(select(func.max(PolicyRow.version)))).one()
    if version is None:
        return Policy()
    row = (await session.exec(select(PolicyRow).where(PolicyRow.version == version))).one()
    return Policy.from_dict(row.document)
