"""Shortlists in the database: the consumer of matches writes them, employers read them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import upsert
from openings.adapters.opening_tables import OpeningRow
from openings.adapters.shortlist_tables import LEARNER_COLUMNS, MatchCountsRow, ShortlistRow
from openings.domain.shortlist import Candidate, FormerCandidate, GroupResult, HeldCredential, Pair, ScoreComponents

#: Pairs in one statement: databases limit the number of parameters.
_PAIRS_AT_ONCE = 400
#: Rows deleted in one statement, so that no transaction grows long.
_DROPPED_AT_ONCE = 2000
#: Former candidates that a shortlist shows at most.
MOST_FORMER = 100


class ShortlistRepository:
    """It has no scope: whoever asks for the shortlist of an opening must have read that opening as the caller first."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def candidates(self, opening_id: str) -> list[Candidate]:
        """The live matches, in no particular order."""
        live = select(ShortlistRow).where(col(ShortlistRow.opening_id) == opening_id, col(ShortlistRow.live))
        return [_candidate(row) for row in await self._session.exec(live)]

    async def one(self, opening_id: str, learner_id: str) -> Candidate | FormerCandidate | None:
        """How the pair stands; None when nothing is known of it."""
        row = await self._session.get(ShortlistRow, (opening_id, learner_id), populate_existing=True)
        if row is None:
            return None
        return _candidate(row) if row.live else _former(row)

    async def reasons(self, pairs: Sequence[Pair]) -> dict[Pair, str | None]:
        """Why each match ended, None for those that are live; pairs of which nothing is known are left out."""
        found: dict[Pair, str | None] = {}
        key = tuple_(col(ShortlistRow.opening_id), col(ShortlistRow.learner_id))
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            some = pairs[start : start + _PAIRS_AT_ONCE]
            # SQLite finds no pairs by an index, but the openings that they are of.
            theirs = col(ShortlistRow.opening_id).in_({opening_id for opening_id, _ in some})
            rows = await self._session.exec(select(ShortlistRow).where(theirs, key.in_(some)))
            found |= {(row.opening_id, row.learner_id): None if row.live else row.reason or "" for row in rows}
        return found

    async def former(self, opening_id: str, since: datetime) -> list[FormerCandidate]:
        """The matches that ended at `since` or later, the most recent first."""
        ended = (col(ShortlistRow.opening_id) == opening_id, ~col(ShortlistRow.live), col(ShortlistRow.changed_at) >= since)
        last_first = (col(ShortlistRow.changed_at).desc(), col(ShortlistRow.learner_id))
        rows = await self._session.exec(select(ShortlistRow).where(*ended).order_by(*last_first).limit(MOST_FORMER))
        return [_former(row) for row in rows]

    async def counts(self, opening_ids: Iterable[str]) -> Mapping[str, int]:
        """The number of candidates of each opening; 0 for those that have none."""
        live = (col(ShortlistRow.opening_id).in_(list(opening_ids)), col(ShortlistRow.live))
        statement = select(ShortlistRow.opening_id, func.count()).where(*live).group_by(col(ShortlistRow.opening_id))
        return Counter(dict((await self._session.exec(statement)).all()))

    async def versions(self, pairs: Sequence[Pair]) -> dict[Pair, int]:
        """The stored version of each known pair."""
        known: dict[Pair, int] = {}
        key = tuple_(col(ShortlistRow.opening_id), col(ShortlistRow.learner_id))
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            some = key.in_(pairs[start : start + _PAIRS_AT_ONCE])
            statement = select(ShortlistRow.opening_id, ShortlistRow.learner_id, ShortlistRow.version).where(some)
            known |= {(opening, learner): version for opening, learner, version in await self._session.exec(statement)}
        return known

    async def employers(self, opening_ids: Collection[str]) -> dict[str, str]:
        """The employer of each opening that this service has."""
        owners = select(OpeningRow.opening_id, OpeningRow.employer_id).where(col(OpeningRow.opening_id).in_(opening_ids))
        return dict((await self._session.exec(owners)).all())

    async def keep(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write each row unless a newer version of its pair is stored. Columns that a row leaves out keep their values."""
        by_columns: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
        for row in rows:
            by_columns[tuple(sorted(row))].append(row)
        for same_columns in by_columns.values():
            await upsert(self._session, ShortlistRow, same_columns, ["opening_id", "learner_id"], newer_by="version")

    async def add_counts(self, partition: int, proposed: int, revised: int, withdrawn: int) -> None:
        """Count events of a partition. The fence allows this only to the partition's owner."""
        row = await self._session.get(MatchCountsRow, partition) or MatchCountsRow(partition=partition)
        row.proposed += proposed
        row.revised += revised
        row.withdrawn += withdrawn
        self._session.add(row)

    async def forget(self, before: datetime) -> int:
        """Blank the facts about learners whose match ended before that time; versions stay. Returns the number of rows."""
        remembered = or_(*(getattr(ShortlistRow, name).is_not(None) for name in LEARNER_COLUMNS))
        ended = (~col(ShortlistRow.live), col(ShortlistRow.changed_at) < before, remembered)
        statement = update(ShortlistRow).where(*ended).values(**dict.fromkeys(LEARNER_COLUMNS))
        return (await self._session.exec(statement)).rowcount

    async def drop_ended(self, before: datetime) -> int:
        """Delete some of the rows that ended before that time, versions included. Returns how many; 0 when none are left."""
        ended = (~col(ShortlistRow.live), col(ShortlistRow.changed_at) < before)
        pair = (col(ShortlistRow.opening_id), col(ShortlistRow.learner_id))
        some = select(*pair).where(*ended).limit(_DROPPED_AT_ONCE)
        return int((await self._session.exec(delete(ShortlistRow).where(*ended, tuple_(*pair).in_(some)))).rowcount)


def _candidate(row: ShortlistRow) -> Candidate:
    return Candidate(
        opening_id=row.opening_id,
        learner_id=row.learner_id,
        provider_id=row.provider_id or "",
        version=row.version,
        score=row.score or 0,
        components=ScoreComponents(**(row.components or {})),
        outcomes=_outcomes(row),
        held=_held(row),
        seeking_since=row.seeking_since,
        unknown=tuple(row.unknown or ()),
        opening_version=row.opening_version,
        learner_version=row.learner_version or 0,
        policy_version=row.policy_version,
        day=row.day,
        changed_at=row.changed_at,
    )


def _outcomes(row: ShortlistRow) -> tuple[GroupResult, ...]:
    return tuple(_outcome(outcome) for outcome in row.outcomes or ())


def _held(row: ShortlistRow) -> tuple[HeldCredential, ...] | None:
    return None if row.awards is None else tuple(_held_credential(award) for award in row.awards)


def _held_credential(stored: Mapping[str, Any]) -> HeldCredential:
    until = stored.get("expires_on")
    return HeldCredential(stored["award_id"], stored["credential"], None if until is None else date.fromisoformat(until))


def _outcome(stored: Mapping[str, Any]) -> GroupResult:
    return GroupResult(stored["id"], stored["met"], stored["evidence"], tuple(stored["awards"]))


def _former(row: ShortlistRow) -> FormerCandidate:
    return FormerCandidate(
        opening_id=row.opening_id,
        learner_id=row.learner_id,
        provider_id=row.provider_id,
        version=row.version,
        score=row.score,
        reason=row.reason or "",
        gate=row.gate,
        unmet=tuple(row.unmet or ()),
        outcomes=_outcomes(row),
        held=_held(row),
        day=row.day,
        changed_at=row.changed_at,
    )
