"""What this service reads of `matching.candidate-match.v1`, and the rows that it becomes."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.topics import CANDIDATE_MATCH
from contracts.wire import MOST_AWARDS, MOST_GROUPS, Count, Day, Identifier, Share, Version, Word
from makersync.effects.reading import Reader, ReaderModel, Reading, Received
from makersync.envelope import Envelope

#: After these the employer may keep nothing of what was told about the learner.
FORGETTING = frozenset({"erased", "consent_withdrawn"})
#: The columns of a shortlist entry that tell something about the learner.
TOLD_OF_THE_LEARNER = (
    "provider_id",
    "score",
    "components",
    "outcomes",
    "seeking_since",
    "unknown",
    "learner_version",
    "proposed_at",
    "latency_ms",
)


class ComponentsReading(ReaderModel):
    preferred: Share | None = None
    trainable: Share | None = None
    evidence: Share | None = None


class OutcomeReading(ReaderModel):
    id: Identifier
    met: bool
    evidence: Literal["verified", "attested"] | None = None
    awards: Annotated[tuple[Identifier, ...], Field(max_length=MOST_AWARDS)] = ()


class MatchReading(ReaderModel):
    """A match that was proposed or revised."""

    opening_id: Identifier
    learner_id: Identifier
    employer_id: Identifier
    provider_id: Identifier
    score: Share
    components: ComponentsReading
    groups: Annotated[tuple[OutcomeReading, ...], Field(max_length=MOST_GROUPS)]
    seeking_since: Day | None = None
    unknown: Annotated[tuple[Word, ...], Field(max_length=10)] = ()
    opening_version: Version
    learner_version: Version
    policy_version: Count
    day: Day


class MatchEndedReading(ReaderModel):
    """A match that ended."""

    opening_id: Identifier
    learner_id: Identifier
    employer_id: Identifier
    provider_id: Identifier
    reason: Annotated[str, Field(min_length=1, max_length=40)]
    opening_version: Version
    policy_version: Count
    day: Day


MATCH_READER = Reader(
    CANDIDATE_MATCH,
    {"MatchProposed": MatchReading, "MatchRevised": MatchReading, "MatchWithdrawn": MatchEndedReading},
)

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class MatchEvent:
    """One event of a pair: the version, the kind and the reading."""

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
        """Raises TypeError when the record was not read by MATCH_READER."""
        if not isinstance(received.data, MatchReading | MatchEndedReading):
            raise TypeError(f"not a reading of a match: {type(received.data).__name__}")
        return cls(received.event, received.kind, received.data)


def row_of(told: MatchEvent) -> dict[str, Any]:
    """The columns that this event settles; those it says nothing of are left out, and so stay as they are."""
    reading = told.reading
    row: dict[str, Any] = {
        "opening_id": reading.opening_id,
        "learner_id": reading.learner_id,
        "provider_id": reading.provider_id,
        "version": told.version,
        "opening_version": reading.opening_version,
        "policy_version": reading.policy_version,
        "day": reading.day,
        "changed_at": told.event.time,
        "origin_at": told.event.origin,
    }
    return row | (_of_a_match(reading) if isinstance(reading, MatchReading) else _of_an_end(reading))


def _of_a_match(reading: MatchReading) -> dict[str, Any]:
    return {
        "live": True,
        "reason": None,
        "score": reading.score,
        "components": reading.components.model_dump(exclude_none=True),
        "outcomes": [outcome.model_dump(mode="json") for outcome in reading.groups],
        "seeking_since": reading.seeking_since,
        "unknown": list(reading.unknown),
        "learner_version": reading.learner_version,
    }


def _of_an_end(reading: MatchEndedReading) -> dict[str, Any]:
    blank = dict.fromkeys(TOLD_OF_THE_LEARNER) if reading.reason in FORGETTING else {}
    return {"live": False, "reason": reading.reason, **blank}
