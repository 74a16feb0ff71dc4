"""A partition's markets from what is stored, one region after the other, so that no more than one is in memory as rows."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import Text, case, cast, null
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.adapters.documents import cell_record, stored_match
from matching.adapters.readers import CohortRead, LearnerRead, OpeningRead
from matching.adapters.tables import CellRow, MatchRow, SubjectRow
from matching.application.partition_market import Parties
from matching.domain.market import Cohort, Learner, Opening
from matching.domain.records import CellRecord, Ended, Ending, RegionState, StoredMatch

Pair = tuple[str, str]
#: Id, version and document of a subject.
Living = tuple[str, int, str]

_LEARNER = msgspec.json.Decoder(LearnerRead)
#: A document as text: decoding it is left to whoever knows its type.
_DOCUMENT = cast(col(SubjectRow.document), Text)


@dataclass(frozen=True, slots=True)
class StoredLearners:
    """The learners of a region, each made when it is asked for: as JSON they take a fraction of the room."""

    rows: Sequence[Living]

    def __iter__(self) -> Iterator[Learner]:
        return (learner_of(version, document) for _, version, document in self.rows)


@dataclass(frozen=True, slots=True)
class StoredRegion:
    """What a region's market is rebuilt from. `parties`, by (opening id, learner id), are those of live matches, a subject of
    which is not stored."""

    state: RegionState
    parties: Mapping[Pair, Parties]


async def stored_regions(session: AsyncSession, partition: int, day: date) -> AsyncIterator[StoredRegion]:
    """Everything stored of a partition number's regions, as it stood on `day`."""
    regions: set[str] = set()
    for table in (SubjectRow, MatchRow, CellRow):
        regions.update((await session.exec(select(table.region).where(table.partition == partition).distinct())).all())
    for region in sorted(regions):
        yield await _stored_region(session, region, day)


async def _stored_region(session: AsyncSession, region: str, day: date) -> StoredRegion:
    openings = tuple([opening_of(version, text) for _, version, text in await _living(session, region, "opening")])
    learners = await _living(session, region, "learner")
    cohorts = tuple([cohort_of(version, text) for _, version, text in await _living(session, region, "cohort")])
    ended = await _ended(session, region)
    matches, parties = await _matches(session, region)
    wanted, here = {each.opening_id for each in openings}, {row[0] for row in learners}
    strangers = {pair: told for pair, told in parties.items() if pair[0] not in wanted or pair[1] not in here}
    state = RegionState(
        region=region,
        day=day,
        openings=openings,
        ended_openings=ended["opening"],
        learners=StoredLearners(learners),
        ended_learners=ended["learner"],
        cohorts=cohorts,
        ended_cohorts=ended["cohort"],
        matches=matches,
        cells=await _cells(session, region),
    )
    return StoredRegion(state, strangers)


def opening_of(version: int, document: str) -> Opening:
    """The opening that a stored document stands for."""
    return OpeningRead.model_validate_json(document).to_domain(version)


def learner_of(version: int, document: str) -> Learner:
    """The learner that a stored document stands for."""
    return _LEARNER.decode(document).to_domain(version)


def cohort_of(version: int, document: str) -> Cohort:
    """The cohort that a stored document stands for."""
    return CohortRead.model_validate_json(document).to_domain(version)


async def _living(session: AsyncSession, region: str, kind: str) -> Sequence[Living]:
    here = (col(SubjectRow.kind) == kind, col(SubjectRow.region) == region, col(SubjectRow.ending).is_(None))
    return (await session.exec(select(col(SubjectRow.subject_id), col(SubjectRow.version), _DOCUMENT).where(*here))).all()


async def _ended(session: AsyncSession, region: str) -> dict[str, tuple[Ended, ...]]:
    ended: dict[str, tuple[Ended, ...]] = {}
    for kind in ("opening", "learner", "cohort"):
        here = (col(SubjectRow.kind) == kind, col(SubjectRow.region) == region, col(SubjectRow.ending).is_not(None))
        rows = await session.exec(select(SubjectRow.subject_id, SubjectRow.version, SubjectRow.ending).where(*here))
        ended[kind] = tuple([Ended(subject_id, version, Ending(ending or "")) for subject_id, version, ending in rows])
    return ended


async def _matches(session: AsyncSession, region: str) -> tuple[tuple[StoredMatch, ...], dict[Pair, Parties]]:
    """The last event of every pair, and who is told of the live ones. Of a match that has ended only its version counts."""
    document = cast(case((col(MatchRow.live), col(MatchRow.document)), else_=null()), Text)
    columns = (MatchRow.opening_id, MatchRow.learner_id, MatchRow.version, MatchRow.employer_id, MatchRow.provider_id, document)
    records: list[StoredMatch] = []
    parties: dict[Pair, Parties] = {}
    for opening_id, learner_id, version, employer_id, provider_id, text in await session.exec(
        select(*columns).where(MatchRow.region == region)  # type: ignore[call-overload]
    ):
        if text is None:
            records.append(StoredMatch(opening_id, learner_id, version))
        else:
            records.append(stored_match(opening_id, learner_id, version, msgspec.json.decode(text)))
            parties[opening_id, learner_id] = Parties(employer_id, provider_id)
    return tuple(records), parties


async def _cells(session: AsyncSession, region: str) -> tuple[CellRecord, ...]:
    rows = (await session.exec(select(CellRow).where(CellRow.region == region))).all()
    return tuple([cell_record(r.region, r.subject, r.level, r.previous_level, r.signal) for r in rows])
