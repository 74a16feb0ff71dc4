"""What a team would otherwise use: PostgreSQL that answers the question of the shortlist from arrays under GIN indexes.

It updates the learner and finds the openings that the learner qualifies for or nearly misses; of an opening it finds the
qualified with the near misses counted and the best K by score. It keeps no shortlists, no cells and no matches, says nothing of
what changed, and takes the closure of holdings (MARKET.md section 5) from the client, so that its work is the smaller part.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from contracts.vocabulary import Necessity, Shift
from matching.domain.market.subjects import MarketLearner, MarketOpening, RequirementGroup
from matching.domain.rules.profile import MatchingProfile, Rules, profile_of
from reference.places import Places

_SCHEMA = """
CREATE TABLE learner (
  id int PRIMARY KEY, seeking boolean NOT NULL, consents boolean NOT NULL, zip int NOT NULL, reach_m int NOT NULL,
  available_from date, shifts int NOT NULL, wage_floor int, seeking_since date,
  held int[] NOT NULL, verified int[] NOT NULL);
CREATE TABLE opening (
  id int PRIMARY KEY, zip int NOT NULL, start_by date, shifts int NOT NULL, wage_max int, required int NOT NULL);
CREATE TABLE opening_group (
  opening int NOT NULL, place int NOT NULL, verified_only boolean NOT NULL, any_of int[] NOT NULL,
  PRIMARY KEY (opening, place));
CREATE TABLE distance (opening_zip int, learner_zip int, metres int NOT NULL, PRIMARY KEY (opening_zip, learner_zip));
"""
_INDEXES = """
CREATE INDEX learner_held ON learner USING gin (held);
CREATE INDEX learner_verified ON learner USING gin (verified);
CREATE INDEX opening_group_any_of ON opening_group USING gin (any_of);
ANALYZE;
"""
_GATES = """l.seeking AND l.consents AND d.metres <= l.reach_m
  AND (o.start_by IS NULL OR l.available_from IS NULL OR l.available_from <= o.start_by)
  AND (o.shifts = 0 OR l.shifts = 0 OR o.shifts & l.shifts <> 0)
  AND (o.wage_max IS NULL OR l.wage_floor IS NULL OR l.wage_floor <= o.wage_max)"""
_LEARNER_COLUMNS = ("seeking", "consents", "zip", "reach_m", "available_from", "shifts", "wage_floor", "seeking_since")
_UPDATE = """
INSERT INTO learner VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO UPDATE SET
  (seeking, consents, zip, reach_m, available_from, shifts, wage_floor, seeking_since, held, verified) =
  ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"""
_FIND_OPENINGS = f"""
WITH l AS (SELECT * FROM learner WHERE id = $1),
met AS (SELECT g.opening, count(*) AS met FROM opening_group g, l
  WHERE g.any_of && l.held AND (NOT g.verified_only OR g.any_of && l.verified) GROUP BY g.opening)
SELECT o.id, coalesce(met.met, 0) = o.required AS qualified FROM opening o CROSS JOIN l
  JOIN distance d ON d.opening_zip = o.zip AND d.learner_zip = l.zip LEFT JOIN met ON met.opening = o.id
  WHERE coalesce(met.met, 0) >= o.required - 1 AND {_GATES}"""
_SHIFTS = {shift: 1 << place for place, shift in enumerate(Shift)}
_FULL = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one opening: numbers, and the best by score, search and id."""

    qualified: int
    near_misses: int
    best: tuple[str, ...]


class GinMatcher:
    """Made by `opened_gin`. Ids of learners and openings end with their number, as the demo's do."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", rules: Rules) -> None:
        self._connection = connection
        self._rules = rules
        self._subjects: dict[str, int] = {}
        self._ids: dict[int, str] = {}

    async def load(self, learners: Iterable[MarketLearner], openings: Iterable[MarketOpening], zips: Sequence[str]) -> None:
        """Everybody is at one of the ZIPs."""
        await self._connection.execute(_SCHEMA)
        rows = [self._learner_row(learner) for learner in learners]
        await self._connection.copy_records_to_table("learner", records=rows)
        for opening in openings:
            await self.put_opening(opening)
        await self._connection.copy_records_to_table("distance", records=_distances(zips, self._rules.places))
        await self._connection.execute(_INDEXES)

    async def put_learners(self, learners: Iterable[MarketLearner]) -> None:
        await self._connection.executemany(_UPDATE, [self._learner_row(learner) for learner in learners])

    async def learner_events(self, learners: Sequence[MarketLearner]) -> int:
        """In one transaction; how many pairs were found."""
        async with self._connection.transaction():
            await self.put_learners(learners)
            find = await self._connection.prepare(_FIND_OPENINGS)
            return sum([len(await find.fetch(_number(learner.learner_id))) for learner in learners])

    async def opening_event(self, opening: MarketOpening) -> Answer:
        async with self._connection.transaction():
            await self.put_opening(opening)
            row = await self._connection.fetchrow(self._question(opening))
        assert row is not None
        return Answer(row["qualified"], row["near_misses"], tuple(self._ids[number] for number in row["best"] or ()))

    async def put_opening(self, opening: MarketOpening) -> None:
        number = _number(opening.opening_id)
        await self._connection.execute("DELETE FROM opening WHERE id = $1", number)
        await self._connection.execute("DELETE FROM opening_group WHERE opening = $1", number)
        if not opening.live_on(self._rules.day):
            return
        row = (
            number,
            int(opening.zip or 0),
            opening.start_by,
            _shifts(opening.shifts),
            opening.wage_max,
            len(opening.required),
        )
        await self._connection.execute("INSERT INTO opening VALUES ($1, $2, $3, $4, $5, $6)", *row)
        groups = [(number, place, g.verified_only, self._any_of(g)) for place, g in enumerate(opening.required)]
        await self._connection.executemany("INSERT INTO opening_group VALUES ($1, $2, $3, $4)", groups)

    def _question(self, opening: MarketOpening) -> str:
        required, least = opening.required, len(opening.required) - 1
        met = " + ".join(f"({self._met(group)})::int" for group in required) or "0"
        kept = min(self._rules.policy.shortlist_max, max(self._rules.policy.shortlist_min, self._per_position(opening)))
        return f"""
WITH found AS MATERIALIZED (
  SELECT l.*, {met} AS met FROM opening o CROSS JOIN learner l
  JOIN distance d ON d.opening_zip = o.zip AND d.learner_zip = l.zip
  WHERE o.id = {_number(opening.opening_id)} AND ({self._recall(required)}) AND {_GATES}),
best AS (SELECT id FROM found l WHERE met = {least + 1}
  ORDER BY {self._score(opening)} DESC, seeking_since NULLS LAST, id LIMIT {kept})
SELECT (SELECT count(*) FROM found WHERE met = {least + 1}) AS qualified,
  (SELECT count(*) FROM found WHERE met = {least}) AS near_misses, (SELECT array_agg(id) FROM best) AS best"""

    def _per_position(self, opening: MarketOpening) -> int:
        return self._rules.policy.shortlist_per_position * opening.remaining

    def _recall(self, required: Sequence[RequirementGroup]) -> str:
        """All groups but one are met: what the GIN index can find."""
        terms = [self._met(group) for group in required]
        if len(terms) < 2:
            return "true"
        left_out = (terms[:place] + terms[place + 1 :] for place in range(len(terms)))
        return " OR ".join(f"({' AND '.join(some)})" for some in left_out)

    def _met(self, group: RequirementGroup, *, verified: bool = False) -> str:
        column = "verified" if verified or group.verified_only else "held"
        numbers = ",".join(map(str, self._any_of(group)))
        return f"l.{column} && '{{{numbers}}}'::int[]"

    def _score(self, opening: MarketOpening) -> str:
        policy = self._rules.policy
        required = opening.required
        parts = [
            (policy.weight_preferred, self._share([g for g in opening.groups if g.necessity == Necessity.PREFERRED])),
            (policy.weight_trainable, self._share([g for g in opening.groups if g.necessity == Necessity.TRAINABLE])),
            (policy.weight_evidence, self._verified_share(required)),
        ]
        defined = [(weight, part) for weight, part in parts if part is not None]
        if not defined:
            return str(_FULL)
        return f"({' + '.join(f'{weight} * ({part})' for weight, part in defined)}) / {sum(weight for weight, _ in defined)}"

    def _share(self, groups: Sequence[RequirementGroup]) -> str | None:
        if not groups:
            return None
        met = " + ".join(f"{group.weight} * ({self._met(group)})::int" for group in groups)
        return f"{_FULL} * ({met}) / {sum(group.weight for group in groups)}"

    def _verified_share(self, groups: Sequence[RequirementGroup]) -> str | None:
        if not groups:
            return None
        met = " + ".join(f"({self._met(group, verified=True)})::int" for group in groups)
        return f"{_FULL} * ({met}) / {len(groups)}"

    def _any_of(self, group: RequirementGroup) -> list[int]:
        return sorted(self._subject(subject) for subject in group.subjects)

    def _subject(self, subject: str) -> int:
        return self._subjects.setdefault(subject, len(self._subjects))

    def _learner_row(self, learner: MarketLearner) -> tuple[Any, ...]:
        profile: MatchingProfile = profile_of(learner, self._rules)
        number = _number(learner.learner_id)
        self._ids[number] = learner.learner_id
        return (
            number,
            learner.seeking,
            learner.consents_to_matching,
            int(learner.zip),
            1000 * learner.reach_km,
            learner.available_from,
            _shifts(learner.shifts),
            learner.wage_floor,
            learner.seeking_since,
            [self._subject(subject) for subject in profile.held.subjects],
            [self._subject(subject) for subject in profile.verified.subjects],
        )


@asynccontextmanager
async def opened_gin(url: str, rules: Rules) -> AsyncIterator[GinMatcher]:
    """On a new database; `url` as SQLAlchemy takes it."""
    connection = await asyncpg.connect(url.replace("+asyncpg", "", 1))
    try:
        yield GinMatcher(connection, rules)
    finally:
        await connection.close()


def _distances(zips: Sequence[str], places: Places) -> list[tuple[int, int, int]]:
    return [(int(a), int(b), places.distance_m(a, b)) for a in zips for b in zips]


def _shifts(shifts: Iterable[Shift]) -> int:
    return sum(_SHIFTS[shift] for shift in shifts)


def _number(key: str) -> int:
    return int(key.rpartition("-")[2])
