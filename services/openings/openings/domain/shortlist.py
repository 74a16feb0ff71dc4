"""The shortlist that an employer sees (MARKET.md sections 5 and 8 to 10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from openings.domain.opening import Group, Opening

#: The ids of an opening and a learner.
Pair = tuple[str, str]

#: For so long an employer sees a match that ended. After that only its version is kept.
RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ScoreComponents:
    """The parts of a score, each 0..10000; None where undefined."""

    preferred: int | None = None
    trainable: int | None = None
    evidence: int | None = None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """How a learner meets one group. When it is not met, `evidence` is None and `awards` is empty."""

    id: str
    met: bool
    evidence: str | None = None
    awards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """An award behind a match: which credential, and the first day on which it does not count; None when it does not expire."""

    award_id: str
    credential: str
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A live match, as its newest event describes it. `held` are the awards that the outcomes name, None when the event is from
    before they were stated."""

    opening_id: str
    learner_id: str
    provider_id: str
    version: int
    score: int
    components: ScoreComponents
    outcomes: tuple[GroupResult, ...]
    held: tuple[HeldCredential, ...] | None = None
    seeking_since: date | None
    unknown: tuple[str, ...]
    opening_version: int
    learner_version: int
    policy_version: int
    day: date
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerCandidate:
    """A match that ended. `provider_id`, `score`, `outcomes` and `held` are the last ones before the end, None or empty once
    they are forgotten. `gate` fails now, and the groups that are `unmet` are required; empty where nothing is known of it."""

    opening_id: str
    learner_id: str
    provider_id: str | None
    version: int
    score: int | None
    reason: str
    gate: str | None
    unmet: tuple[str, ...]
    outcomes: tuple[GroupResult, ...]
    held: tuple[HeldCredential, ...] | None
    day: date
    changed_at: datetime


def held_for(outcomes: Iterable[GroupResult], held: Iterable[HeldCredential], group_id: str) -> tuple[HeldCredential, ...]:
    """The awards that a group names, in the order of their ids."""
    named = {award for outcome in outcomes if outcome.id == group_id for award in outcome.awards}
    return tuple(each for each in held if each.award_id in named)


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Score descending, seeking_since ascending (absent last), learner_id ascending by code point (section 9)."""
    return sorted(candidates, key=lambda c: (-c.score, c.seeking_since or date.max, c.seeking_since is None, c.learner_id))


def groups_explained(opening: Opening, opening_version: int) -> tuple[Group, ...] | None:
    """The groups that a result for `opening_version` refers to; None when they have been revised since."""
    unchanged = opening.groups_version <= opening_version <= opening.version
    return opening.terms.groups if unchanged else None
