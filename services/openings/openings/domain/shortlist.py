"""The shortlist that an employer sees (MARKET.md sections 5, 8 to 10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from openings.domain.opening import Group, Opening


@dataclass(frozen=True, slots=True)
class ScoreComponents:
    """The parts of a score, each 0..10000; None where undefined."""

    preferred: int | None = None
    trainable: int | None = None
    evidence: int | None = None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """How a learner meets one group; `evidence` is None and `awards` empty when unmet."""

    id: str
    met: bool
    evidence: str | None = None
    awards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A live match as the last event told it."""

    opening_id: str
    learner_id: str
    provider_id: str
    version: int
    score: int
    components: ScoreComponents
    outcomes: tuple[GroupResult, ...]
    seeking_since: date | None
    unknown: tuple[str, ...]
    opening_version: int
    learner_version: int
    policy_version: int
    day: date
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerCandidate:
    """A match that ended. `provider_id` and `score` are those before the end; None once they are forgotten."""

    opening_id: str
    learner_id: str
    provider_id: str | None
    version: int
    score: int | None
    reason: str
    day: date
    changed_at: datetime


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Score descending, seeking_since ascending (absent last), learner_id ascending by code point (section 9)."""
    return sorted(candidates, key=lambda c: (-c.score, c.seeking_since or date.max, c.seeking_since is None, c.learner_id))


def groups_explained(opening: Opening, opening_version: int) -> tuple[Group, ...] | None:
    """The groups that a result of `opening_version` speaks of; None when they have been revised since."""
    unchanged = opening.groups_version <= opening_version <= opening.version
    return opening.terms.groups if unchanged else None
