"""Loads a partition's markets one region at a time, so that no more than one is in memory as rows."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import Text, case, cast, null, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.adapters.cell_repository import cell_record
from matching.adapters.cell_tables import CellRow
from matching.adapters.cohort_events import CohortRead
from matching.adapters.learner_events import LearnerRead
from matching.adapters.match_events import stored_match
from matching.adapters.match_tables import MatchRow
from matching.adapters.opening_events import OpeningRead
from matching.adapters.region_repository import Floors
from matching.adapters.subject_tables import SubjectRow
from matching.application.settling import Parties
from matching.domain.cells.shortage_cell import CellRecord
from matching.domain.market.subjects import MarketCohort, MarketLearner, MarketOpening
from matching.domain.region.state import Ended, Ending, RegionState
from matching.domain.rules.matches import StoredMatch

Pair = tuple[str, str]
#: Id, version and document of a subject.
Living = tuple[str, int, str]
#: Opening id, learner id, version, employer, provider, and the document of a live one.
MatchColumns = tuple[str, str, int, str, str, str | None]

KINDS = ("opening", "learner", "cohort")
_LEARNER, _OPENING = msgspec.json.Decoder(LearnerRead), msgspec.json.Decoder(OpeningRead)
_COHORT = msgspec.json.Decoder(CohortRead)
#: A document as text, which is decoded where its type is known.
_DOCUMENT = cast(col(SubjectRow.document), Text)


@dataclass(frozen=True, slots=True)
class StoredLearners:
    """The learners of a region, each made when it is asked for, because as JSON they take a fraction of the memory."""

    rows: Sequence[Living]

    def __iter__(self) -> Iterator[MarketLearner]:
        return (_learner(version, document) for _, version, document in self.rows)


@dataclass(frozen=True, slots=True)
class StoredRegion:
    """What a region's market is rebuilt from. `parties`, by (opening id, learner id), are those of live matches of which the
    opening or the learner is not stored."""

    state: RegionState
    parties: Mapping[Pair, Parties]


@dataclass(frozen=True, slots=True)
class RegionRows:
    """A region as it is stored. Decoding it takes long, so a thread does it and no transaction waits for it."""

    region: str
    living: Mapping[str, Sequence[Living]]
    ended: Mapping[str, tuple[Ended, ...]]
    matches: Sequence[MatchColumns]
    match_floor: int
    cells: tuple[CellRecord, ...]

    def understood(self, day: date) -> StoredRegion:
        """The region as it stood on `day`."""
        openings = tuple([_opening(version, text) for _, version, text in self.living["opening"]])
        known = {each.opening_id for each in openings}, {row[0] for row in self.living["learner"]}
        matches, strangers = _understood_matches(self.matches, *known)
        state = RegionState(
            region=self.region,
            day=day,
            openings=openings,
            ended_openings=self.ended["opening"],
            learners=StoredLearners(self.living["learner"]),
            ended_learners=self.ended["learner"],
            cohorts=tuple([_cohort(version, text) for _, version, text in self.living["cohort"]]),
            ended_cohorts=self.ended["cohort"],
            matches=matches,
            match_floor=self.match_floor,
            cells=self.cells,
        )
        return StoredRegion(state, strangers)


async def stored_regions(session: AsyncSession, partition: int, floors: Mapping[str, Floors]) -> AsyncIterator[RegionRows]:
    """Everything stored of a partition number's regions; of matches that have ended, only those above the floors. The caller
    owns the fence, so nothing changes meanwhile."""
    regions = set(floors)
    for table in (SubjectRow, MatchRow, CellRow):
        regions.update((await session.exec(select(table.region).where(table.partition == partition).distinct())).all())
    for region in sorted(regions):
        living = {kind: await _living(session, region, kind) for kind in KINDS}
        ended = await _ended(session, region)
        floor = floors.get(region, Floors()).match
        matches, cells = await _matches(session, region, floor), await _cells(session, region)
        rows = RegionRows(region, living, ended, matches, floor, cells)
        await session.rollback()
        yield rows


def _opening(version: int, document: str) -> MarketOpening:
    """The opening that a stored document stands for."""
    return _OPENING.decode(document).to_domain(version)


def _learner(version: int, document: str) -> MarketLearner:
    """The learner that a stored document stands for."""
    return _LEARNER.decode(document).to_domain(version)


def _cohort(version: int, document: str) -> MarketCohort:
    """The cohort that a stored document stands for."""
    return _COHORT.decode(document).to_domain(version)


async def _living(session: AsyncSession, region: str, kind: str) -> Sequence[Living]:
    here = (col(SubjectRow.kind) == kind, col(SubjectRow.region) == region, col(SubjectRow.ending).is_(None))
    return (await session.exec(select(col(SubjectRow.subject_id), col(SubjectRow.version), _DOCUMENT).where(*here))).all()


async def _ended(session: AsyncSession, region: str) -> dict[str, tuple[Ended, ...]]:
    ended: dict[str, tuple[Ended, ...]] = {}
    for kind in KINDS:
        here = (col(SubjectRow.kind) == kind, col(SubjectRow.region) == region, col(SubjectRow.ending).is_not(None))
        rows = await session.exec(select(SubjectRow.subject_id, SubjectRow.version, SubjectRow.ending).where(*here))
        ended[kind] = tuple([Ended(subject_id, version, Ending(ending or "")) for subject_id, version, ending in rows])
    return ended


async def _matches(session: AsyncSession, region: str, floor: int) -> Sequence[MatchColumns]:
    """The last event of every pair, with its parties. Of a match that has ended only the version counts."""
    document = cast(case((col(MatchRow.live), col(MatchRow.document)), else_=null()), Text)
    columns = (MatchRow.opening_id, MatchRow.learner_id, MatchRow.version, MatchRow.employer_id, MatchRow.provider_id, document)
    query = select(*columns).where(MatchRow.region == region, or_(col(MatchRow.live), col(MatchRow.version) > floor))  # type: ignore[call-overload]
    rows: Sequence[MatchColumns] = (await session.exec(query)).all()
    return rows


def _understood_matches(
    rows: Sequence[MatchColumns], openings: Collection[str], learners: Collection[str]
) -> tuple[tuple[StoredMatch, ...], dict[Pair, Parties]]:
    records: list[StoredMatch] = []
    strangers: dict[Pair, Parties] = {}
    for opening_id, learner_id, version, employer_id, provider_id, text in rows:
        if text is None:
            records.append(StoredMatch(opening_id, learner_id, version))
        else:
            records.append(stored_match(opening_id, learner_id, version, text))
            if opening_id not in openings or learner_id not in learners:
                strangers[opening_id, learner_id] = Parties(employer_id, provider_id)
    return tuple(records), strangers


async def _cells(session: AsyncSession, region: str) -> tuple[CellRecord, ...]:
    rows = (await session.exec(select(CellRow).where(CellRow.region == region))).all()
    return tuple([cell_record(r.region, r.subject, r.level, r.previous_level, r.signal) for r in rows])
