"""What this service reads of `matching.candidate-match.v1`, and the shortlist row that each event becomes."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.topics import CANDIDATE_MATCH
from contracts.wire import MOST_AWARDS, MOST_GROUPS, Count, Day, Identifier, Share, Version, Word
from makersync.effects.reading import Reader, ReaderModel, Reading, Received
from makersync.envelope import Envelope
from openings.adapters.shortlist_tables import LEARNER_COLUMNS
from openings.domain.shortlist import Pair

PROPOSED, REVISED, WITHDRAWN = "MatchProposed", "MatchRevised", "MatchWithdrawn"
#: When a match ends for one of these reasons, the employer keeps nothing about the learner.
FORGETTING = frozenset({"erased", "consent_withdrawn"})


class ComponentsReading(ReaderModel):
    preferred: Share | None = None
    trainable: Share | None = None
    evidence: Share | None = None


class OutcomeReading(ReaderModel):
    id: Identifier
    met: bool
    evidence: Literal["verified", "attested"] | None = None
    awards: Annotated[tuple[Identifier, ...], Field(max_length=MOST_AWARDS)] = ()


class SupportingAwardReading(ReaderModel):
    award_id: Identifier
    credential: Identifier
    expires_on: Day | None = None


class MatchReading(ReaderModel):
    """A match that was proposed or revised. Those from before awards were stated have no `awards`."""

    opening_id: Identifier
    learner_id: Identifier
    employer_id: Identifier
    provider_id: Identifier
    score: Share
    components: ComponentsReading
    groups: Annotated[tuple[OutcomeReading, ...], Field(max_length=MOST_GROUPS)]
    awards: Annotated[tuple[SupportingAwardReading, ...], Field(max_length=MOST_AWARDS)] | None = None
    seeking_since: Day | None = None
    unknown: Annotated[tuple[Word, ...], Field(max_length=10)] = ()
    opening_version: Version
    learner_version: Version
    policy_version: Count
    day: Day


class MatchEndedReading(ReaderModel):
    """A match that ended. What is behind the reason is not in events from before it was stated."""

    opening_id: Identifier
    learner_id: Identifier
    employer_id: Identifier
    provider_id: Identifier
    reason: Annotated[str, Field(min_length=1, max_length=40)]
    gate: Word | None = None
    unmet: Annotated[tuple[Identifier, ...], Field(max_length=MOST_GROUPS)] | None = None
    opening_version: Version
    policy_version: Count
    day: Day


MATCH_READER = Reader(CANDIDATE_MATCH, {PROPOSED: MatchReading, REVISED: MatchReading, WITHDRAWN: MatchEndedReading})


@dataclass(frozen=True, slots=True)
class MatchEvent:
    """One event of a pair."""

    event: Envelope
    kind: str
    reading: MatchReading | MatchEndedReading

    @property
    def pair(self) -> Pair:
        return self.reading.opening_id, self.reading.learner_id

    @property
    def version(self) -> int:
        return self.event.version

    @classmethod
    def of(cls, received: Received[Reading]) -> "MatchEvent":
        """Raises TypeError unless MATCH_READER has read the record."""
        if not isinstance(received.data, MatchReading | MatchEndedReading):
            raise TypeError(f"not a reading of a match: {type(received.data).__name__}")
        return cls(received.event, received.kind, received.data)


def shortlist_values(match: MatchEvent) -> dict[str, Any]:
    """The columns that the event sets. Columns that it says nothing about are left out and keep their values."""
    reading = match.reading
    values: dict[str, Any] = {
        "opening_id": reading.opening_id,
        "learner_id": reading.learner_id,
        "provider_id": reading.provider_id,
        "version": match.version,
        "opening_version": reading.opening_version,
        "policy_version": reading.policy_version,
        "day": reading.day,
        "changed_at": match.event.time,
        "origin_at": match.event.origin,
    }
    return values | (_live_values(reading) if isinstance(reading, MatchReading) else _ended_values(reading))


def _live_values(reading: MatchReading) -> dict[str, Any]:
    return {
        "live": True,
        "reason": None,
        "score": reading.score,
        "components": reading.components.model_dump(exclude_none=True),
        "outcomes": [outcome.model_dump(mode="json") for outcome in reading.groups],
        "awards": None if reading.awards is None else [_written(award) for award in reading.awards],
        "gate": None,
        "unmet": None,
        "seeking_since": reading.seeking_since,
        "unknown": list(reading.unknown),
        "learner_version": reading.learner_version,
    }


def _ended_values(reading: MatchEndedReading) -> dict[str, Any]:
    blank = dict.fromkeys(LEARNER_COLUMNS) if reading.reason in FORGETTING else {}
    behind = {"gate": reading.gate, "unmet": None if reading.unmet is None else list(reading.unmet)}
    return {"live": False, "reason": reading.reason, **behind, **blank}


def _written(award: SupportingAwardReading) -> dict[str, Any]:
    """As the event says it."""
    return award.model_dump(mode="json", exclude_none=True)
